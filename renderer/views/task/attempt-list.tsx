import type { AttemptDetail } from '../../../preload/contract.ts';
import { OutcomeMark } from '../../components/outcome.tsx';
import { formatDuration } from '../../format/duration.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatFullTime, formatListTime } from '../../format/time.ts';
import styles from './error-lists.module.css';
import attemptStyles from './attempt-list.module.css';

/** Every execution of a task, the last first. */
export function AttemptList({ attempts }: { attempts: readonly AttemptDetail[] }) {
  if (attempts.length === 0) return <p className={styles.nothing}>It has not been started yet.</p>;
  return (
    <ol className={styles.list}>
      {attempts.toReversed().map((attempt) => (
        <li key={attempt.attemptId} className={styles.entry}>
          <span className={attemptStyles.head}>
            <strong className="numbers">Attempt {attempt.number}</strong>
            <OutcomeMark outcome={attempt.outcome ?? 'running'} hasWord />
            <span className={attemptStyles.time} title={formatFullTime(attempt.startedAtMs)}>
              {formatListTime(attempt.startedAtMs, Date.now())}
              {attempt.durationMs !== null && ` · ${formatDuration(attempt.durationMs)}`}
            </span>
          </span>
          {attempt.error !== null && (
            <span className="selectable">
              {plainText(attempt.error.message)} <code>{attempt.error.code}</code>
            </span>
          )}
        </li>
      ))}
    </ol>
  );
}
