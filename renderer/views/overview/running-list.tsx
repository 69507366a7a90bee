import { CircleStop, Coffee } from 'lucide-react';
import type { UiSnapshot } from '../../../preload/contract.ts';
import { IconButton } from '../../components/button.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { Progress } from '../../components/progress.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatElapsed } from '../../format/duration.ts';
import { capitalise, typeLabel } from '../../format/words.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import { hashOf } from '../../state/route.ts';
import { useNow } from '../../state/use-now.ts';
import styles from './lists.module.css';

type Running = UiSnapshot['running'][number];

/** What runs now. */
export function RunningList() {
  const running = useSnapshot((snapshot) => snapshot.running);
  const nowMs = useNow(running.length === 0 ? null : 1_000);
  return (
    <Section
      title="Running now"
      aside={running.length > 0 ? <span className="numbers">{running.length}</span> : undefined}
    >
      {running.length === 0 ? (
        <p className={styles.empty}>
          <Coffee aria-hidden />
          Nothing runs at the moment.
        </p>
      ) : (
        <ul>
          {running.map((task) => (
            <RunningRow key={task.attemptId} task={task} nowMs={nowMs} />
          ))}
        </ul>
      )}
    </Section>
  );
}

function RunningRow({ task, nowMs }: { task: Running; nowMs: number }) {
  const cancel = useAction('cancelTask');
  return (
    <li className={styles.running}>
      <a className={styles.runningLink} href={hashOf('task', task.taskId)}>
        <span className={styles.firstLine}>
          <ForeignText className={styles.host}>{task.host}</ForeignText>
          <span className={styles.type}>{typeLabel(task.type)}</span>
          {task.attemptNumber > 1 && <span className={styles.type}>attempt {task.attemptNumber}</span>}
        </span>
        <span className={styles.secondLine}>
          <span className={styles.stage}>
            {task.progress.stage === '' ? 'Starting' : capitalise(task.progress.stage)}
          </span>
          <span className="numbers">{formatElapsed(nowMs - task.startedAtMs)}</span>
        </span>
        <Progress percent={task.progress.percent} label={`Progress of ${task.host}`} />
      </a>
      <IconButton
        label={`Stop ${task.host}`}
        onClick={() => cancel.mutate({ taskId: task.taskId })}
        disabled={cancel.isPending}
      >
        <CircleStop aria-hidden />
      </IconButton>
    </li>
  );
}
