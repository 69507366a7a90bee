import { useState } from 'react';
import type { TaskDetail } from '../../../preload/contract.ts';
import { JsonBlock } from '../../components/code-block.tsx';
import { type Tab, Tabs } from '../../components/tabs.tsx';
import { AttemptList } from './attempt-list.tsx';
import { ConsoleErrors, FailedRequests } from './error-lists.tsx';
import { ErrorCallout } from './error-callout.tsx';
import { FileList } from './file-list.tsx';
import { LighthouseScores } from './lighthouse-scores.tsx';
import { PagePreview, Picture, Report } from './previews.tsx';
import { findBlob, readResult, resultBlobs } from './result-reading.ts';
import { RunningCard } from './running-card.tsx';
import { TaskFacts } from './task-facts.tsx';
import styles from './task-details.module.css';
import { Timeline } from './timeline.tsx';
import { WebsiteDetails } from './website-details.tsx';

/** Everything about a task: its result at the left, its way and its facts at the right. */
export function TaskDetails({ task }: { task: TaskDetail }) {
  const tabs = tabsOf(task);
  const [chosen, setChosen] = useState<string | null>(null);
  const shown = tabs.some(({ id }) => id === chosen) ? chosen : null;
  return (
    <div className={styles.page}>
      <div className={styles.main}>
        {task.status === 'processing' && <RunningCard task={task} />}
        <ErrorCallout task={task} />
        <Tabs label="Parts of the task" tabs={tabs} value={shown ?? tabs[0]?.id ?? ''} onChange={setChosen} />
      </div>
      <div className={styles.side}>
        <TaskFacts task={task} />
        <Timeline task={task} />
      </div>
    </div>
  );
}

function tabsOf(task: TaskDetail): Tab[] {
  const blobs = resultBlobs(task);
  return [
    ...resultTabs(task),
    { id: 'request', label: 'Request', content: <JsonBlock value={task.payload} label="Request" /> },
    {
      id: 'attempts',
      label: 'Attempts',
      count: task.attemptHistory.length,
      content: <AttemptList attempts={task.attemptHistory} />,
    },
    ...(blobs.length > 0
      ? [{ id: 'files', label: 'Files', count: blobs.length, content: <FileList blobs={blobs} /> }]
      : []),
    ...(task.result === null
      ? []
      : [{ id: 'json', label: 'JSON', content: <JsonBlock value={task.result} label="Result" /> }]),
  ];
}

function resultTabs(task: TaskDetail): Tab[] {
  const blobs = resultBlobs(task);
  const read = readResult(task);
  if (read.kind === 'website') {
    const { result } = read;
    const html = findBlob(blobs, result.html);
    const screenshot = findBlob(blobs, result.screenshot);
    return [
      ...(screenshot === undefined
        ? []
        : [{ id: 'picture', label: 'Picture', content: <Picture blob={screenshot} host={task.host} /> }]),
      ...(html === undefined
        ? []
        : [{ id: 'page', label: 'Page', content: <PagePreview blob={html} host={task.host} /> }]),
      { id: 'loading', label: 'Loading', content: <WebsiteDetails result={result} /> },
      {
        id: 'console',
        label: 'Console',
        count: result.consoleErrors.length,
        content: <ConsoleErrors errors={result.consoleErrors} />,
      },
      {
        id: 'requests',
        label: 'Failed requests',
        count: result.failedRequests.length,
        content: <FailedRequests requests={result.failedRequests} requestCount={result.requestCount} />,
      },
    ];
  }
  if (read.kind === 'lighthouse') {
    const report = findBlob(blobs, read.result.reports.html);
    return [
      { id: 'scores', label: 'Scores', content: <LighthouseScores result={read.result} /> },
      ...(report === undefined
        ? []
        : [{ id: 'report', label: 'Report', content: <Report blob={report} host={task.host} /> }]),
    ];
  }
  return [];
}
