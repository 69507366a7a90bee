import type { z } from 'zod';
import { hubStatistics, hubWorkers } from './operator-api.ts';
import { type OperatorAccess, OperatorClient } from './operator-client.ts';
import { formatDuration, formatTable, printJson, printLine } from './output.ts';

/** Prints how many jobs a hub has in which state, and its workers. @throws CommandError */
export async function printHubStatus(access: OperatorAccess, isJson: boolean): Promise<void> {
  const client = new OperatorClient(access);
  const [jobs, { workers }] = await Promise.all([
    client.json('GET', '/api/jobs/stats', hubStatistics),
    client.json('GET', '/api/workers', hubWorkers),
  ]);
  if (isJson) printJson({ hubUrl: access.hubUrl, jobs, workers });
  else printLine(formatHubStatus(access.hubUrl, jobs, workers));
}

function formatHubStatus(
  hubUrl: string,
  jobs: z.infer<typeof hubStatistics>,
  workers: z.infer<typeof hubWorkers>['workers'],
): string {
  const nowMs = Date.now();
  const byStatus = Object.entries(jobs.byStatus).map(([status, count]) => `${count} ${status}`);
  const oldest =
    jobs.oldestPendingCreatedAtMs === null
      ? ''
      : `, the oldest waiting for ${formatDuration(Math.max(0, nowMs - jobs.oldestPendingCreatedAtMs))}`;
  const rows = workers.map(({ workerId, label, state, openLeases, lastSeenMs }) => [
    workerId,
    label,
    state,
    `${openLeases} leases`,
    lastSeenMs === null ? 'never seen' : `seen ${formatDuration(Math.max(0, nowMs - lastSeenMs))} ago`,
  ]);
  const lines = [`hub      ${hubUrl}`, `jobs     ${jobs.total} in all: ${byStatus.join(', ')}${oldest}`];
  return [...lines, workers.length === 0 ? 'workers  none' : `workers\n${formatTable(rows)}`].join('\n');
}
