import type { ReactNode } from 'react';
import type { TaskDetail } from '../../../preload/contract.ts';
import { Section } from '../../components/view-frame.tsx';
import { formatDuration } from '../../format/duration.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatFullTime, formatListTime } from '../../format/time.ts';
import styles from './facts.module.css';

const DELIVERY = { waiting: 'Waits for the server', delivered: 'Delivered', refused: 'Refused by the server' };

/** Rows of a name and what it is. */
export function Facts({ facts }: { facts: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{name}</dt>
          <dd className="selectable">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What is known of a task beside its result. */
export function TaskFacts({ task }: { task: TaskDetail }) {
  const last = task.attemptHistory.at(-1);
  const facts: [string, ReactNode][] = [
    [
      'Address',
      <bdi key="url" className={styles.address}>
        {plainText(task.url)}
      </bdi>,
    ],
    ['Asked by', task.origin === 'hub' ? 'The server' : 'You'],
    [
      'Created',
      <span key="created" title={formatFullTime(task.createdAtMs)}>
        {formatListTime(task.createdAtMs, Date.now())}
      </span>,
    ],
    ['Took', last?.durationMs === undefined || last.durationMs === null ? '–' : formatDuration(last.durationMs)],
    ['Attempts', `${task.attempts} of at most ${task.maxAttempts}`],
    ['Priority', `${task.priority}${task.priority === 5 ? ' (normal)' : ''}`],
    ['Lane', task.lane === 'exclusive' ? 'Alone on the machine' : 'Beside other pages'],
  ];
  if (task.delivery !== null) facts.push(['Result', DELIVERY[task.delivery]]);
  if (task.status === 'pending' && task.runAtMs > Date.now()) facts.push(['Not before', formatFullTime(task.runAtMs)]);
  facts.push(['Task', <code key="task">{plainText(task.taskId)}</code>]);
  if (task.jobId !== null) facts.push(['Job', <code key="job">{plainText(task.jobId)}</code>]);
  return (
    <Section title="Facts">
      <Facts facts={facts} />
    </Section>
  );
}
