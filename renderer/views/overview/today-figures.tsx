import { formatBytes } from '../../format/bytes.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatNumber } from '../../format/number.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { hashOf } from '../../state/route.ts';
import styles from './today-figures.module.css';

/** What was done since midnight. */
export function TodayFigures() {
  const today = useSnapshot((snapshot) => snapshot.today);
  const undelivered = useSnapshot((snapshot) => snapshot.queue.undelivered);
  return (
    <section className={styles.figures} aria-label="Today">
      <Figure label="Done today" value={formatNumber(today.completed)} />
      <Figure
        label="Failed today"
        value={formatNumber(today.failed)}
        href={today.failed > 0 ? hashOf('history', '', { outcome: 'failed', range: 'today' }) : undefined}
      />
      <Figure label="Loaded" value={formatBytes(today.bytesDown)} note={`${formatBytes(today.bytesUp)} sent`} />
      <Figure
        label="Browser time"
        value={formatDuration(today.browserMs)}
        note={undelivered > 0 ? `${formatNumber(undelivered)} to deliver` : undefined}
      />
    </section>
  );
}

function Figure({ label, value, note, href }: { label: string; value: string; note?: string; href?: string }) {
  const content = (
    <>
      <span className={styles.label}>{label}</span>
      <span className={styles.value}>{value}</span>
      {note !== undefined && <span className={styles.note}>{note}</span>}
    </>
  );
  return href === undefined ? (
    <div className={styles.figure}>{content}</div>
  ) : (
    <a className={styles.figure} href={href}>
      {content}
    </a>
  );
}
