import { Copy } from 'lucide-react';
import { plainText } from '../format/plain-text.ts';
import { IconButton } from './button.tsx';
import styles from './code-block.module.css';
import { useCopy } from './use-copy.ts';

const MAX_SHOWN = 200_000;

/** A value as indented JSON, to read and to copy. */
export function JsonBlock({ value, label }: { value: unknown; label: string }) {
  const copy = useCopy();
  const text = JSON.stringify(value, null, 2);
  return (
    <div className={styles.block}>
      <IconButton label={`Copy ${label}`} size="small" className={styles.copy} onClick={() => copy(text)}>
        <Copy aria-hidden />
      </IconButton>
      <pre className="selectable" tabIndex={0} aria-label={label}>
        {plainText(text.slice(0, MAX_SHOWN))}
        {text.length > MAX_SHOWN && '\n…'}
      </pre>
    </div>
  );
}
