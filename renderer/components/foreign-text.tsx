import { plainText } from '../format/plain-text.ts';

/** A text that a page, a site or a server made: shown as text alone, in its own direction. */
export function ForeignText({ children, className }: { children: string; className?: string }) {
  const text = plainText(children);
  return (
    <bdi className={className} title={text.length > 60 ? text.slice(0, 500) : undefined}>
      {text}
    </bdi>
  );
}
