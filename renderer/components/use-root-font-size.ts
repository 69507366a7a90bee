import { useEffect, useState } from 'react';

/** CSS pixels of one rem, which grows with the text size of the system and of the window. */
export function useRootFontSize(): number {
  const [size, setSize] = useState(read);
  useEffect(() => {
    // A box of one rem changes its size whenever the root's text does.
    const probe = document.createElement('div');
    probe.style.cssText = 'position:absolute;visibility:hidden;width:1rem;height:0';
    document.body.append(probe);
    const observer = new ResizeObserver(() => setSize(read()));
    observer.observe(probe);
    return () => {
      observer.disconnect();
      probe.remove();
    };
  }, []);
  return size;
}

function read(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
}
