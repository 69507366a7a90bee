import { ForeignText } from '../../components/foreign-text.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatNumber } from '../../format/number.ts';
import { formatClock } from '../../format/time.ts';
import { typeLabel } from '../../format/words.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { hashOf } from '../../state/route.ts';
import { useNow } from '../../state/use-now.ts';
import styles from './lists.module.css';

const MINUTE_MS = 60_000;

/** What waits, the first of it by name. */
export function QueueList() {
  const queue = useSnapshot((snapshot) => snapshot.queue);
  const nowMs = useNow(MINUTE_MS);
  if (queue.pending === 0) return null;
  const more = queue.pending - queue.next.length;
  return (
    <Section title="Queued" aside={<span className="numbers">{formatNumber(queue.pending)}</span>}>
      <ul>
        {queue.next.map((task) => (
          <li key={task.taskId}>
            <a className={styles.row} href={hashOf('task', task.taskId)}>
              <ForeignText className={styles.host}>{task.host}</ForeignText>
              <span className={styles.type}>{typeLabel(task.type)}</span>
              <span className={styles.time}>
                {task.runAtMs > nowMs ? `not before ${formatClock(task.runAtMs)}` : 'next'}
              </span>
            </a>
          </li>
        ))}
        {more > 0 && <li className={styles.more}>and {formatNumber(more)} more</li>}
      </ul>
    </Section>
  );
}
