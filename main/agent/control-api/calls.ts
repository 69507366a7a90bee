import type { z } from 'zod';
import type { Clock } from '../../protocol/ports.ts';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import type { Agent } from '../agent.ts';
import { ControlRefusal } from './control-errors.ts';
import type { HealthWatch } from './health-watch.ts';
import * as messages from './messages.ts';

/** One call of the control API. */
export interface ControlCall {
  method: 'GET' | 'POST';
  path: string;
  /** What it does, in a line for documentation. */
  summary: string;
  body: z.ZodType;
  answer: z.ZodType;
  /** @param body parsed. @throws ControlRefusal, LegworkError, StoreError */
  carryOut(body: unknown): unknown;
}

function call<Body extends z.ZodType, Answer extends z.ZodType>(definition: {
  method: ControlCall['method'];
  path: string;
  summary: string;
  body: Body;
  answer: Answer;
  carryOut(body: z.output<Body>): z.input<Answer> | Promise<z.input<Answer>>;
}): ControlCall {
  return definition;
}

/** Every signed call, made from an agent. `/metrics` is beside them: it has a token instead of a signature. */
export function controlCalls(agent: Agent, watch: HealthWatch, clock: Clock): ControlCall[] {
  return [
    call({
      method: 'GET',
      path: '/internal/queue/stats',
      summary: 'How many tasks there are, by status and type.',
      body: messages.noBody,
      answer: messages.queueStatsAnswer,
      carryOut: () => ({ ...agent.queue.statistics(), setAside: agent.queue.setAsideCounts() }),
    }),
    call({
      method: 'POST',
      path: '/internal/queue/enqueue',
      summary: 'Gives the agent tasks of this machine.',
      body: messages.enqueueBody,
      answer: messages.enqueueAnswer,
      carryOut: ({ tasks }) => ({
        tasks: agent.enqueueAll(tasks).map(({ task, created }) => ({ id: task.id, created })),
      }),
    }),
    call({
      method: 'POST',
      path: '/internal/queue/cleanup',
      summary: 'Removes what is older than the settings keep, now instead of at the next round.',
      body: messages.noBody,
      answer: messages.cleanupAnswer,
      carryOut: async () => ({ deletedTasks: await agent.cleanUp() }),
    }),
    call({
      method: 'POST',
      path: '/internal/queue/reset-stuck',
      summary: 'Takes back tasks that are marked as running although nobody executes them.',
      body: messages.noBody,
      answer: messages.resetStuckAnswer,
      carryOut: () => ({ reset: agent.resetStuck() }),
    }),
    call({
      method: 'GET',
      path: '/internal/worker/health',
      summary: 'Whether the agent is well, and if not, what is wrong. Answers 200 in both cases.',
      body: messages.noBody,
      answer: messages.healthAnswer,
      carryOut: () => {
        const problems = watch.problems();
        return { healthy: problems.length === 0, problems, checkedAtMs: clock.nowMs() };
      },
    }),
    call({
      method: 'GET',
      path: '/internal/worker/stats',
      summary: 'What this start has done, and what this month has cost.',
      body: messages.noBody,
      answer: messages.workerStatsAnswer,
      carryOut: () => {
        const { year, month, totals } = agent.snapshot().usage;
        return {
          startedAtMs: watch.startedAtMs,
          uptimeMs: Math.max(0, clock.nowMs() - watch.startedAtMs),
          attempts: watch.attemptEnds,
          usage: { year, month, ...totals },
        };
      },
    }),
    call({
      method: 'GET',
      path: '/internal/worker/status',
      summary: 'What the agent is doing now.',
      body: messages.noBody,
      answer: messages.statusAnswer,
      carryOut: () => statusOf(agent, watch),
    }),
    call({
      method: 'POST',
      path: '/internal/worker/pause',
      summary: 'Starts nothing new; what runs goes on, what waits goes back to the hub. Kept over a restart.',
      body: messages.pauseBody,
      answer: messages.pauseAnswer,
      carryOut: (body) => {
        const untilMs = body?.untilMs ?? null;
        if (untilMs !== null && untilMs <= clock.nowMs()) {
          const issues = [{ path: 'untilMs', message: 'must be in the future' }];
          throw new ControlRefusal('bad_request', 'The pause would be over already.', { issues });
        }
        refuseWhileStopping(agent);
        agent.pause('host', body?.note ?? 'paused over the control API', untilMs);
        return pauseOf(agent);
      },
    }),
    call({
      method: 'POST',
      path: '/internal/worker/resume',
      summary: "Lifts the host's pause. One of the hub's operator stays.",
      body: messages.noBody,
      answer: messages.pauseAnswer,
      carryOut: () => {
        refuseWhileStopping(agent);
        agent.resume('host');
        return pauseOf(agent);
      },
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
