import type { TaskDetail } from '../../../preload/contract.ts';
import { classes } from '../../components/classes.ts';
import { Section } from '../../components/view-frame.tsx';
import { formatDuration } from '../../format/duration.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatFullTime, formatPreciseClock } from '../../format/time.ts';
import { capitalise } from '../../format/words.ts';
import styles from './timeline.module.css';

/** The way of a task from the queue to its delivery, with what each step took. */
export function Timeline({ task }: { task: TaskDetail }) {
  // A task of this machine is never leased nor delivered: such steps would wait for ever.
  const steps = task.timeline.filter(
    ({ step, atMs }) => atMs !== null || task.origin === 'hub' || (step !== 'leased' && step !== 'delivered'),
  );
  return (
    <Section title="Timeline">
      <ol className={styles.steps}>
        {steps.map((step, index) => {
          const before = steps.slice(0, index).findLast(({ atMs }) => atMs !== null)?.atMs ?? null;
          return (
            <li key={`${step.label} ${index}`} className={classes(styles.step, step.atMs === null && styles.ahead)}>
              <span className={styles.label}>{plainText(capitalise(step.label))}</span>
              {step.atMs === null ? (
                <span className={styles.time}>{isOver(task) ? 'not reached' : 'ahead'}</span>
              ) : (
                <span className={styles.time} title={formatFullTime(step.atMs)}>
                  {before === null ? formatPreciseClock(step.atMs) : `+${formatDuration(step.atMs - before)}`}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </Section>
  );
}

function isOver(task: TaskDetail): boolean {
  return (task.status === 'failed' || task.status === 'cancelled') && task.delivery !== 'waiting';
}
