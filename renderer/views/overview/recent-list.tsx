import { ForeignText } from '../../components/foreign-text.tsx';
import { OutcomeMark } from '../../components/outcome.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatAgo } from '../../format/time.ts';
import { typeLabel } from '../../format/words.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { hashOf } from '../../state/route.ts';
import { useNow } from '../../state/use-now.ts';
import styles from './lists.module.css';

/** The last tasks that ended. */
export function RecentList() {
  const recent = useSnapshot((snapshot) => snapshot.recent);
  const nowMs = useNow(30_000);
  if (recent.length === 0) return null;
  return (
    <Section
      title="Recent"
      aside={
        <a className={styles.all} href={hashOf('history')}>
          All
        </a>
      }
    >
      <ul>
        {recent.map((task) => (
          <li key={`${task.taskId} ${task.finishedAtMs}`}>
            <a className={styles.row} href={hashOf('task', task.taskId)}>
              <OutcomeMark outcome={task.outcome} />
              <ForeignText className={styles.host}>{task.host}</ForeignText>
              <span className={styles.type}>{typeLabel(task.type)}</span>
              <span className={styles.time}>{formatAgo(task.finishedAtMs, nowMs)}</span>
            </a>
          </li>
        ))}
      </ul>
    </Section>
  );
}
