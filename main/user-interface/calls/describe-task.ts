import type { AttemptDetail, CallAnswer, TaskDetail } from '../../../preload/contract.ts';
import type { Delivery } from '../../agent/history/task-facts.ts';
import type { Attempt, TaskWithAttempts } from '../../agent/queue/task.ts';
import { errorDefinition } from '../../protocol/error-table.ts';
import { maskSealed } from '../../protocol/payload-vault.ts';
import { displayHost } from '../snapshot/display-host.ts';
import { type CallContext, requireAgent } from './call-context.ts';
import type { StageTimes } from './stage-times.ts';

/** All that is known of a task, for a person to look at; null when there is none (any more). */
export function describeTask(taskId: string, context: CallContext): CallAnswer<'task'> {
  const task = requireAgent(context).queue.get(taskId);
  if (task === null) return null;
  const delivery = context.history.present()?.deliveryOf(taskId) ?? null;
  const hasEnded = task.status !== 'pending' && task.status !== 'processing';
  return {
    taskId: task.id,
    type: task.type,
    url: task.url,
    host: displayHost(task.url),
    lane: task.lane,
    status: task.status,
    priority: task.priority,
    attempts: task.attempts,
    maxAttempts: task.maxAttempts,
    origin: task.origin,
    jobId: task.jobId,
    createdAtMs: task.createdAtMs,
    runAtMs: task.runAtMs,
    progress: { percent: task.progressPercent, stage: task.progressStage },
    payload: maskSealed(task.payload),
    result: task.result,
    attemptHistory: task.attemptHistory.map(describeAttempt),
    timeline: timelineOf(task, delivery, context.stages),
    delivery: delivery?.state ?? null,
    canCancel: !hasEnded,
    canRetry: task.origin === 'local' && (task.status === 'failed' || task.status === 'cancelled'),
  };
}

function describeAttempt(attempt: Attempt): AttemptDetail {
  const { attemptId, number, startedAtMs, finishedAtMs, durationMs, outcome, error, blobs } = attempt;
  const advice = error === null ? null : errorDefinition(error.code).advice;
  return { attemptId, number, startedAtMs, finishedAtMs, durationMs, outcome, error, advice, blobs };
}

const OUTCOME_LABELS = { completed: 'Completed', failed: 'Failed', cancelled: 'Stopped' } as const;

function timelineOf(task: TaskWithAttempts, delivery: Delivery | null, stages: StageTimes): TaskDetail['timeline'] {
  const timeline: TaskDetail['timeline'] = [];
  if (task.origin === 'hub') {
    timeline.push({ step: 'leased', label: 'Received from the server', atMs: task.createdAtMs });
  }
  timeline.push({ step: 'queued', label: 'Queued on this machine', atMs: task.createdAtMs });
  for (const { attemptId, number, startedAtMs, finishedAtMs, outcome } of task.attemptHistory) {
    const which = task.attemptHistory.length > 1 ? `Attempt ${number}: ` : '';
    timeline.push({ step: 'started', label: `${which}Started`, atMs: startedAtMs });
    for (const { stage, atMs } of stages.of(attemptId))
      timeline.push({ step: 'stage', label: `${which}${stage}`, atMs });
    const label = outcome === null ? 'Finished' : OUTCOME_LABELS[outcome];
    timeline.push({ step: 'finished', label: `${which}${label}`, atMs: finishedAtMs });
  }
  if (task.attemptHistory.length === 0) {
    const ended = task.finishedAtMs;
    timeline.push({ step: 'started', label: 'Started', atMs: null });
    timeline.push({
      step: 'finished',
      label: ended === null ? 'Finished' : 'Ended without being started',
      atMs: ended,
    });
  }
  if (task.origin === 'hub') {
    const label = delivery?.state === 'refused' ? 'Not taken by the server' : 'Delivered to the server';
    timeline.push({ step: 'delivered', label, atMs: delivery?.deliveredAtMs ?? null });
  }
  return timeline;
}
