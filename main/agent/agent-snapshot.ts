import { LegworkError } from '../protocol/error-table.ts';
import type { JsonObject } from '../protocol/fields.ts';
import type { AgentActivity, AgentSnapshot } from './agent-events.ts';
import type { AgentParts } from './agent-parts.ts';

/** Everything that a screen shows of the agent now. */
export function snapshotOf(parts: AgentParts, activity: AgentActivity): AgentSnapshot {
  const { options, identity, queue, hub, housekeeping, store, pauses, limits } = parts;
  const counts = queue.pendingCounts();
  return {
    activity,
    link: hub?.link.state ?? { state: 'ended' },
    hubUrl: options.credentials?.hubUrl ?? null,
    workerId: options.credentials?.workerId ?? null,
    instanceId: identity.instanceId,
    epoch: identity.epoch,
    sandbox: options.sandbox,
    problems: problemsOf(parts),
    health: {
      disk: housekeeping.diskProblem,
      store: store.problem,
      isBrowserMissing: options.browsers.length === 0,
      clockOffsetMs: hub?.link.client.clockOffsetMs ?? 0,
    },
    running: parts.executor.running().map(({ task, attemptId, attemptNumber, startedAtMs, progress }) => ({
      taskId: task.id,
      attemptId,
      attemptNumber,
      type: task.type,
      url: task.url,
      startedAtMs,
      progress,
    })),
    pendingTasks: counts.page + counts.exclusive,
    undeliveredResults: queue.outboxCount(),
    pausedBy: pauses.all.map(({ by }) => by),
    pausedUntilMs: pauses.untilMs,
    pauseNote: pauses.all[0]?.note ?? null,
    limits: limits.verdict,
    concurrency: limits.concurrency,
    usage: parts.usage.current,
  };
}

/** What the host has to know or put right, in sentences. */
export function problemsOf({ options, hub, housekeeping, store, pauses }: AgentParts): string[] {
  const link = hub?.link.state;
  const browserProblem =
    options.browsers.length === 0 ? new LegworkError('browser_missing', 'Run `legwork doctor`.').message : null;
  const problems = [
    housekeeping.diskProblem,
    store.problem,
    browserProblem,
    link !== undefined && 'reason' in link ? link.reason : null,
    ...pauses.all.map(({ note }) => `Paused: ${note}`),
  ];
  return problems.filter((problem) => problem !== null);
}

/** What the hub is sent when it asks for diagnostics: no addresses, no payloads. */
export function diagnosticsOf(parts: AgentParts, activity: AgentActivity): JsonObject {
  const { running, pendingTasks, undeliveredResults, problems, epoch, limits, concurrency } = snapshotOf(
    parts,
    activity,
  );
  const { total, byStatus } = parts.queue.statistics();
  return {
    activity,
    epoch,
    problems,
    pendingTasks,
    undeliveredResults,
    running: running.length,
    tasks: { total, byStatus },
    limits: { mayWork: limits.mayWork, rules: limits.reasons.map(({ rule }) => rule) },
    concurrency: { ...concurrency },
  };
}
