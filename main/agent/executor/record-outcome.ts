import type { Queue } from '../queue/queue.ts';
import type { Task } from '../queue/task.ts';
import type { SupervisedOutcome } from './task-host-supervisor.ts';

/** What became of the task: `ignored` when its end had been recorded before, from outside. */
export type RecordedOutcome = 'completed' | 'failed' | 'retry' | 'interrupted' | 'ignored';

/**
 * Writes down how an attempt ended, and what it took of the network.
 * @throws StoreError, LegworkError `disk_full`: nothing is written then
 */
export function recordOutcome(
  queue: Queue,
  attempt: { task: Task; attemptId: string; abandoned: boolean },
  outcome: SupervisedOutcome,
  typeVersion: number,
): RecordedOutcome {
  const { task, attemptId } = attempt;
  const { network } = outcome;
  if (attempt.abandoned) {
    if (network !== undefined) queue.usage.addNetwork(task, network);
    return 'ignored';
  }
  if (outcome.outcome === 'completed') {
    const { result, blobs } = outcome;
    return queue.complete({ attemptId, result, blobs, typeVersion, network }) ? 'completed' : 'ignored';
  }
  if (outcome.outcome === 'interrupted' || outcome.error.code === 'shutdown') {
    queue.requeueUncounted(attemptId, network);
    return 'interrupted';
  }
  const { error, notBeforeMs } = outcome;
  const failure = queue.fail({ attemptId, error, network, ...(notBeforeMs === undefined ? {} : { notBeforeMs }) });
  return failure.kind === 'final' ? 'failed' : failure.kind;
}
