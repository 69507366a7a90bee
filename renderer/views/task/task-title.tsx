import type { TaskDetail } from '../../../preload/contract.ts';
import { Badge, type Tone } from '../../components/badge.tsx';
import { ForeignText } from '../../components/foreign-text.tsx';
import { typeLabel } from '../../format/words.ts';
import styles from './task-title.module.css';

const STATUS: Record<TaskDetail['status'], { word: string; tone: Tone }> = {
  pending: { word: 'Queued', tone: 'mute' },
  processing: { word: 'Running', tone: 'accent' },
  completed: { word: 'Done', tone: 'good' },
  failed: { word: 'Failed', tone: 'bad' },
  cancelled: { word: 'Cancelled', tone: 'mute' },
};

/** The host of a task, its type and how it stands. */
export function TaskTitle({ task }: { task: TaskDetail }) {
  const status = STATUS[task.status];
  return (
    <span className={styles.title}>
      <ForeignText className={styles.host}>{task.host}</ForeignText>
      <span className={styles.type}>{typeLabel(task.type)}</span>
      <span role="status">
        <Badge tone={status.tone}>{status.word}</Badge>
      </span>
    </span>
  );
}
