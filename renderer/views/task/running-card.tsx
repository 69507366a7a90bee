import type { TaskDetail } from '../../../preload/contract.ts';
import { Progress } from '../../components/progress.tsx';
import { formatElapsed } from '../../format/duration.ts';
import { capitalise } from '../../format/words.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useNow } from '../../state/use-now.ts';
import styles from './running-card.module.css';

/** How far a running task is, from the snapshot, which is newer than what was read of the task. */
export function RunningCard({ task }: { task: TaskDetail }) {
  const running = useSnapshot((snapshot) => snapshot.running.find(({ taskId }) => taskId === task.taskId) ?? null);
  const nowMs = useNow(1_000);
  const progress = running?.progress ?? task.progress;
  const startedAtMs = running?.startedAtMs ?? task.attemptHistory.at(-1)?.startedAtMs ?? nowMs;
  return (
    <section className={styles.card} aria-label="Progress">
      <p className={styles.line}>
        <span>{progress.stage === '' ? 'Running' : capitalise(progress.stage)}</span>
        <span className="numbers">{formatElapsed(nowMs - startedAtMs)}</span>
      </p>
      <Progress percent={progress.percent} label="Progress" />
    </section>
  );
}
