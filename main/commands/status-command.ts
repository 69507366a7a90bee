import { Command } from 'commander';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import type { QueueStatistics, TaskSummary } from '../agent/queue/task.ts';
import { describeError } from '../protocol/describe-error.ts';
import { openAgentWorld } from './agent-world.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { printHubStatus } from './hub-status.ts';
import { type LiveStatus, liveStatusRows, readLiveStatus } from './live-status.ts';
import { isAgentRunning, type OpenedStore, readStore } from './local-store.ts';
import { addOperatorOptions, operatorAccess } from './operator-options.ts';
import { formatDuration, formatTable, printJson, printLine, printNote } from './output.ts';
import { controlInputs } from './pause-commands.ts';

const SHOWN_ERRORS = 5;

/** `legwork status`: reads the local store, or asks a hub. Changes nothing. */
export function statusCommand(): Command {
  const command = addOperatorOptions(new Command('status')).option('--json', 'Print everything as one JSON object.');
  return addConfigOptions(command, ['dataFolder', 'controlPort'])
    .addHelpText(
      'after',
      `
Without --hub it reads the data folder of the agent on this machine, whether the agent runs or not, and asks the agent
when it runs with its control API on. With --hub it asks that hub for its jobs and workers; that needs the operator key.

Examples:
  legwork status
  legwork status --hub http://127.0.0.1:4817 --json`,
    )
    .action(async (options: Record<string, unknown>) => {
      const isJson = options['json'] === true;
      if (options['hub'] !== undefined) {
        await printHubStatus(operatorAccess(options), isJson);
        return;
      }
      const { config } = await loadCommandConfig(controlInputs(options));
      const status = await readLocalStatus(config);
      if (isJson) printJson(status);
      else printLine(formatLocalStatus(status));
    });
}

interface LocalStatus {
  dataFolder: string;
  /** Null when the lock file in the data folder cannot be read. */
  agentRunning: boolean | null;
  /** What the running agent says of itself; null when it does not run, or its control API is off. */
  live: LiveStatus | null;
  hubUrl: string | null;
  workerId: string | null;
  /** Null before the first start. */
  instanceId: string | null;
  /** How often the agent has been started. */
  epoch: number | null;
  statistics: QueueStatistics | null;
  /** Tasks that failed, or wait for a retry after a failure; the newest first. */
  lastErrors: Pick<TaskSummary, 'id' | 'type' | 'url' | 'status' | 'attempts' | 'error' | 'finishedAtMs'>[];
}

async function readLocalStatus(config: AgentConfig): Promise<LocalStatus> {
  const { dataFolder } = config;
  const warn = (message: string): void => printNote(`warning: ${message}`);
  const { credentials } = await openAgentWorld(config, warn);
  const agentRunning = askLock(dataFolder);
  return {
    dataFolder,
    agentRunning,
    live: agentRunning === false ? null : await readLiveStatus(config, warn),
    hubUrl: credentials?.hubUrl ?? config.hubUrl,
    workerId: credentials?.workerId ?? config.workerId,
    ...(readStore(dataFolder, describeStore) ?? { instanceId: null, epoch: null, statistics: null, lastErrors: [] }),
  };
}

function askLock(dataFolder: string): boolean | null {
  try {
    return isAgentRunning(dataFolder);
  } catch (error) {
    printNote(`warning: whether an agent runs cannot be told: ${describeError(error)}`);
    return null;
  }
}

function describeStore({
  queue,
  identity,
}: OpenedStore): Pick<LocalStatus, 'instanceId' | 'epoch' | 'statistics' | 'lastErrors'> {
  return {
    instanceId: identity?.instanceId ?? null,
    epoch: identity?.epoch ?? null,
    statistics: queue.statistics(),
    lastErrors: queue
      .list({ status: 'failed' }, null, SHOWN_ERRORS)
      .tasks.map(({ id, type, url, status, attempts, error, finishedAtMs }) => ({
        id,
        type,
        url,
        status,
        attempts,
        error,
        finishedAtMs,
      })),
  };
}

function ago(timeMs: number): string {
  return `${formatDuration(Math.max(0, Date.now() - timeMs))} ago`;
}

function formatLocalStatus(status: LocalStatus): string {
  const { statistics } = status;
  const rows = [
    ['agent', status.agentRunning === null ? 'unknown' : status.agentRunning ? 'running' : 'not running'],
    ...(status.live === null ? [] : liveStatusRows(status.live, Date.now())),
    ['data folder', status.dataFolder],
    ['hub', status.hubUrl === null ? 'none' : `${status.hubUrl} as ${status.workerId ?? '(not enrolled)'}`],
    ['started', status.epoch === null ? 'never' : `${status.epoch} times`],
  ];
  if (statistics === null) return `${formatTable(rows)}\nThere is no task yet.`;
  const { byStatus, byType, oldestPendingAtMs } = statistics;
  const counts = Object.entries(byStatus).map(([name, count]) => `${count} ${name}`);
  const oldest = oldestPendingAtMs === null ? '' : `, the oldest made ${ago(oldestPendingAtMs)}`;
  rows.push(
    ['tasks', `${statistics.total} in all: ${counts.join(', ')}${oldest}`],
    ...Object.entries(byType).map(([type, each]) => [
      `  ${type}`,
      `${each.completed} completed, ${each.failed} failed`,
    ]),
    ['last hour', `${statistics.completedLastHour} completed, ${statistics.failedLastHour} failed`],
    ['outbox', `${statistics.outboxWaiting} results wait for the hub`],
  );
  const errors = status.lastErrors.map(({ url, type, error, finishedAtMs }) => [
    finishedAtMs === null ? '' : ago(finishedAtMs),
    type,
    url,
    error === null ? '' : `${error.code}: ${error.message}`,
  ]);
  return [formatTable(rows), ...(errors.length === 0 ? [] : ['', 'Last failures:', formatTable(errors)])].join('\n');
}
