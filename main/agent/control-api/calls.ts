import type { z } from 'zod';
import type { Clock } from '../../protocol/ports.ts';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import type { Agent } from '../agent.ts';
import { type CallDefinition, CONTROL_CALLS } from './call-definitions.ts';
import { ControlRefusal } from './control-errors.ts';
import type { HealthWatch } from './health-watch.ts';
import type * as messages from './messages.ts';

/** One call of the control API, and how an agent carries it out. */
export interface ControlCall extends CallDefinition {
  /** @param body parsed. @throws ControlRefusal, LegworkError, StoreError */
  carryOut(body: unknown): unknown;
}

function implement<Body extends z.ZodType, Answer extends z.ZodType>(
  definition: CallDefinition<Body, Answer>,
  carryOut: (body: z.output<Body>) => z.input<Answer> | Promise<z.input<Answer>>,
): ControlCall {
  return { ...definition, carryOut };
}

/** Every signed call, carried out by an agent. */
export function controlCalls(agent: Agent, watch: HealthWatch, clock: Clock): ControlCall[] {
  return [
    implement(CONTROL_CALLS.queueStats, () => ({
      ...agent.queue.statistics(),
      setAside: agent.queue.setAsideCounts(),
    })),
    implement(CONTROL_CALLS.enqueue, ({ tasks }) => ({
      tasks: agent.enqueueAll(tasks).map(({ task, created }) => ({ id: task.id, created })),
    })),
    implement(CONTROL_CALLS.cleanup, async () => ({ deletedTasks: await agent.cleanUp() })),
    implement(CONTROL_CALLS.resetStuck, () => ({ reset: agent.resetStuck() })),
    implement(CONTROL_CALLS.health, () => {
      const problems = watch.problems();
      return { healthy: problems.length === 0, problems, checkedAtMs: clock.nowMs() };
    }),
    implement(CONTROL_CALLS.workerStats, () => {
      const { year, month, totals } = agent.snapshot().usage;
      return {
        startedAtMs: watch.startedAtMs,
        uptimeMs: Math.max(0, clock.nowMs() - watch.startedAtMs),
        attempts: watch.attemptEnds,
        usage: { year, month, ...totals },
      };
    }),
    implement(CONTROL_CALLS.status, () => statusOf(agent, watch)),
    implement(CONTROL_CALLS.pause, (body) => {
      const untilMs = body?.untilMs ?? null;
      if (untilMs !== null && untilMs <= clock.nowMs()) {
        const issues = [{ path: 'untilMs', message: 'must be in the future' }];
        throw new ControlRefusal('bad_request', 'The pause would be over already.', { issues });
      }
      refuseWhileStopping(agent);
      agent.pause('host', body?.note ?? 'paused over the control API', untilMs);
      return pauseOf(agent);
    }),
    implement(CONTROL_CALLS.resume, () => {
      refuseWhileStopping(agent);
      agent.resume('host');
      return pauseOf(agent);
    }),
  ];
}

function refuseWhileStopping({ activity }: Agent): void {
  if (activity === 'draining' || activity === 'stopped') throw new ControlRefusal('conflict', 'The agent is stopping.');
}

function pauseOf(agent: Agent): z.input<typeof messages.pauseAnswer> {
  const { activity, pausedBy, pausedUntilMs } = agent.snapshot();
  return { activity, pausedBy, pausedUntilMs };
}

function statusOf(agent: Agent, watch: HealthWatch): z.input<typeof messages.statusAnswer> {
  const { link, hubUrl, workerId, limits, running, ...snapshot } = agent.snapshot();
  const { activity, pausedBy, pausedUntilMs, concurrency, problems, pendingTasks, undeliveredResults } = snapshot;
  return {
    version: LEGWORK_VERSION,
    processId: process.pid,
    startedAtMs: watch.startedAtMs,
    activity,
    pausedBy,
    pausedUntilMs,
    hub:
      hubUrl === null
        ? null
        : { url: hubUrl, workerId: workerId ?? '', state: link.state, reason: 'reason' in link ? link.reason : null },
    limits: { mayWork: limits.mayWork, reasons: limits.reasons.map(({ sentence }) => sentence) },
    concurrency,
    problems,
    running: running.map(({ taskId, type, url, attemptNumber: attempt, startedAtMs, progress }) => ({
      taskId,
      type,
      url,
      attempt,
      startedAtMs,
      progress,
    })),
    pendingTasks,
    undeliveredResults,
    slowSites: agent.slowSites(),
  };
}
