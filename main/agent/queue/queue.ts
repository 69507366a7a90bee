import type { Database } from 'better-sqlite3';
import type { Lane, TaskError } from '../../protocol/fields.ts';
import type { Clock, Random } from '../../protocol/ports.ts';
import type { NetworkUsage } from '../../protocol/task-host-messages.ts';
import { keptSystemTimeZone } from '../usage/calendar.ts';
import { prepareClaim } from './claim.ts';
import { prepareCleanUp, type CleanUpRequest } from './clean-up.ts';
import { prepareEnqueue } from './enqueue.ts';
import { prepareFinishAttempt, type Completion, type Failure } from './finish-attempt.ts';
import { prepareLeases } from './leases.ts';
import { prepareNotes } from './notes.ts';
import { prepareOutbox } from './outbox-store.ts';
import { prepareReadTasks } from './read-tasks.ts';
import { prepareRecover, type Epoch } from './recover.ts';
import { prepareReferencedBlobs } from './referenced-blobs.ts';
import { prepareRetryByHand } from './retry-by-hand.ts';
import type { SiteGate } from './site-turns.ts';
import { prepareStatistics } from './statistics.ts';
import { prepareStopTask, type ReturnedLease } from './stop-task.ts';
import type { StoreContext } from './store-context.ts';
import type {
  ClaimedTask,
  CleanUpReport,
  DueResult,
  EnqueuedTask,
  FailureDecision,
  HeldLease,
  NewTask,
  ProgressEntry,
  QueueStatistics,
  RecoveredTask,
  StoppedTask,
  TaskFilter,
  TaskPage,
  TaskWithAttempts,
} from './task.ts';
import { createIdSource } from './time-sortable-id.ts';
import { prepareUsage, type UsageStore } from './usage.ts';

/**
 * The agent's local store as one object: tasks, their attempts and the outbox. Each call is one transaction, all or
 * nothing. Every call may throw LegworkError `disk_full` (nothing has changed then) and StoreError.
 */
export class Queue {
  readonly #database: Database;
  readonly #operations: ReturnType<typeof prepareOperations>;
  #claimsDurably = true;

  /**
   * @param options.database from `openDatabase`; the caller closes it
   * @param options.hubUrl whose usage the hub's tasks are counted as
   * @param options.timeZone whose days usage is counted by; that of this machine when it is left out
   */
  constructor(options: {
    database: Database;
    clock: Clock;
    random: Random;
    hubUrl?: string | null;
    timeZone?: () => string;
  }) {
    this.#database = options.database;
    this.#operations = prepareOperations({
      timeZone: keptSystemTimeZone(options.clock),
      ...options,
      hubUrl: options.hubUrl ?? null,
      newId: createIdSource(options.clock),
    });
  }

  /** What work has cost this machine, by month, hub and task type. */
  get usage(): UsageStore {
    return this.#operations.usage;
  }

  /** A start of the agent: a new epoch; what an earlier one left running counts as a failed attempt (agent_crashed). */
  beginEpoch(): Epoch {
    const epoch = this.#operations.recover.beginEpoch();
    this.#claimsDurably = !epoch.afterCleanEnd;
    return epoch;
  }

  /** A note of the agent that outlives it; null when there is none. */
  readNote(name: string): string | null {
    return this.#operations.notes.readNote(name);
  }

  /** Keeps a note; null removes it. */
  writeNote(name: string, text: string | null): void {
    this.#operations.notes.writeNote(name, text);
  }

  /** A stop in order: nothing runs any more. Without it the next start takes this one for crashed. */
  endEpoch(epoch: number): void {
    this.#operations.recover.endEpoch(epoch);
  }

  /** Adds a task, or returns the one that has its uniqueKey or lease already. @throws LegworkError `invalid_payload` */
  enqueue(task: NewTask): EnqueuedTask {
    return this.#operations.enqueue.enqueue(task);
  }

  /** Adds all of the tasks or, when one of them is wrong, none. @throws LegworkError `invalid_payload` */
  enqueueBatch(tasks: readonly NewTask[]): EnqueuedTask[] {
    return this.#operations.enqueue.enqueueBatch(tasks);
  }

  /**
   * Adds tasks that the hub has leased, all or none. Survives the death of this process; what a power failure takes back
   * the hub hands out again. @throws LegworkError `invalid_payload`
   */
  enqueueLeased(tasks: readonly NewTask[]): EnqueuedTask[] {
    return this.#operations.enqueue.enqueueLeased(tasks);
  }

  /**
   * Records a leased task that cannot be executed here (unknown type, bad payload): failed with no attempt, and the
   * refusal goes to the outbox.
   */
  refuseLeased(task: NewTask, error: TaskError): EnqueuedTask {
    return this.#operations.enqueue.refuseLeased(task, error);
  }

  /**
   * Takes up to `limit` due tasks: lowest priority number first, then earliest runAt, then insertion. That a task was
   * taken survives the death of this process. A power failure may take it back uncounted, except after a start that did
   * not end in order: a task that brings the machine down runs out of attempts all the same. What the gate refuses is set
   * aside and stands in nobody's way, until `releaseSite`.
   */
  claim(request: { lane: Lane; limit: number; epoch: number; gate?: SiteGate }): ClaimedTask[] {
    const { claimDurably, claimLightly } = this.#operations.claim;
    return (this.#claimsDurably ? claimDurably : claimLightly)(request);
  }

  /** Whether the first in line is one that the gate does not set aside, after setting aside those before it. */
  siftHead(lane: Lane, gate: SiteGate): boolean {
    return this.#operations.claim.siftHead(lane, gate);
  }

  /**
   * Puts the first `room` tasks of a site that were set aside back in line.
   * @returns how many; 0 when none of it was set aside
   */
  releaseSite(lane: Lane, site: string, room: number): number {
    return this.#operations.claim.releaseSite(lane, site, room);
  }

  /** Waiting tasks that were set aside until their site may be visited, by lane; `pendingCounts` includes them. */
  setAsideCounts(): Record<Lane, number> {
    return this.#operations.claim.setAsideCounts();
  }

  /** When the lane has something to claim (it may be in the past, which is: now); null when nothing waits. */
  nextRunAtMs(lane: Lane): number | null {
    return this.#operations.claim.nextRunAtMs(lane);
  }

  /** Waiting tasks by lane, those that are not due yet included; 10,000 stands for "so many or more". */
  pendingCounts(): Record<Lane, number> {
    return this.#operations.claim.pendingCounts();
  }

  /** Moves the end of leases whose task has not ended; others are passed over. */
  renewLeases(leaseIds: readonly string[], expiresAtMs: number): void {
    this.#operations.leases.renewLeases(leaseIds, expiresAtMs);
  }

  /** All leases that the agent answers for, results that wait in the outbox included. */
  heldLeases(): HeldLease[] {
    return this.#operations.leases.heldLeases();
  }

  /** Notes progress of running attempts; entries of ended ones are passed over. */
  recordProgress(entries: readonly ProgressEntry[]): void {
    if (entries.length > 0) this.#operations.leases.recordProgress(entries);
  }

  /**
   * Ends an attempt and its task with a result; one of the hub goes to the outbox with it.
   * @returns false when the task is no longer running under this attempt: nothing has changed then
   */
  complete(completion: Completion): boolean {
    return this.#operations.finish.complete(completion);
  }

  /** Ends an attempt with an error: the task waits for a retry, or has failed for good (and goes to the outbox). */
  fail(failure: Failure): FailureDecision {
    return this.#operations.finish.fail(failure);
  }

  /** Puts the task of an attempt that a stop interrupted back; the attempt does not count. false: it had ended. */
  requeueUncounted(attemptId: string, network?: NetworkUsage): boolean {
    return this.#operations.stop.requeueUncounted(attemptId, network);
  }

  /** Cancels a waiting or running task; the hub hears of it as a failure. null: there is none, or it had ended. */
  cancel(taskId: string, error: TaskError): StoppedTask | null {
    return this.#operations.stop.cancel(taskId, error);
  }

  /**
   * Cancels the task of a lease that is no longer ours, without a word to the hub; a result of it that waits is refused
   * with the error's code. null: nothing was to be stopped.
   */
  loseLease(leaseId: string, error: TaskError): StoppedTask | null {
    return this.#operations.stop.loseLease(leaseId, error);
  }

  /** Cancels those of the leases that are waiting, for the goodbye that returns them; running ones are passed over. */
  giveBack(leaseIds: readonly string[], error: TaskError): ReturnedLease[] {
    return this.#operations.stop.giveBack(leaseIds, error);
  }

  /**
   * Runs an ended task again by hand: a local one that failed or was cancelled in its place, with its attempts counted
   * from 0; for one of the hub, or with a result, as a new local task (`created`). null: no such task, or not ended.
   */
  retry(taskId: string): EnqueuedTask | null {
    return this.#operations.retry(taskId);
  }

  /** Fails attempts that run for longer than the threshold, or since an earlier epoch, and that nobody carries out. */
  resetStuck(request: { thresholdMs: number; epoch: number; running: ReadonlySet<string> }): RecoveredTask[] {
    return this.#operations.recover.resetStuck(request);
  }

  get(taskId: string): TaskWithAttempts | null {
    return this.#operations.read.get(taskId);
  }

  /** A page of tasks, newest first. `cursor`: `nextCursor` of the page before. @throws LegworkError `invalid_payload` */
  list(filter: TaskFilter, cursor: string | null, limit: number): TaskPage {
    return this.#operations.read.list(filter, cursor, limit);
  }

  statistics(): QueueStatistics {
    return this.#operations.statistics();
  }

  /** Results that the hub has not confirmed, the oldest so many; of those only what `isWanted` lets through. */
  dueResults(limit: number, isWanted?: (attemptId: string) => boolean): DueResult[] {
    return this.#operations.outbox.dueResults(limit, isWanted);
  }

  /** The hub has it. false: it was not waiting. */
  markDelivered(attemptId: string): boolean {
    return this.#operations.outbox.markDelivered(attemptId);
  }

  /** The hub will never take it. false: it was not waiting. */
  markRefused(attemptId: string, code: string, message: string): boolean {
    return this.#operations.outbox.markRefused(attemptId, code, message);
  }

  /** Counts a delivery that failed; the result goes on waiting. */
  recordDeliveryTry(attemptId: string, error: string): void {
    this.#operations.outbox.recordDeliveryTry(attemptId, error);
  }

  outboxCount(): number {
    return this.#operations.outbox.outboxCount();
  }

  /** Turns a result that waits into a failure, when a part of it is gone (blob_missing). false: no result waits. */
  withdrawResult(attemptId: string, error: TaskError): boolean {
    return this.#operations.outbox.withdrawResult(attemptId, error);
  }

  /** Deletes history in small steps with pauses; what the hub has not confirmed stays. */
  cleanUp(request: CleanUpRequest): Promise<CleanUpReport> {
    return this.#operations.cleanUp(request);
  }

  /** Those of the hashes that a stored attempt names. */
  referencedBlobs(hashes: readonly string[]): Set<string> {
    return this.#operations.referencedBlobs(hashes);
  }

  /** Changes when another process has written (PRAGMA data_version); own writes do not change it. */
  dataVersion(): number {
    return Number(this.#database.pragma('data_version', { simple: true }));
  }
}

function prepareOperations(context: StoreContext) {
  const enqueue = prepareEnqueue(context);
  return {
    enqueue,
    notes: prepareNotes(context),
    claim: prepareClaim(context),
    leases: prepareLeases(context),
    finish: prepareFinishAttempt(context),
    stop: prepareStopTask(context),
    recover: prepareRecover(context),
    retry: prepareRetryByHand(context, enqueue.enqueue),
    read: prepareReadTasks(context),
    statistics: prepareStatistics(context),
    outbox: prepareOutbox(context),
    cleanUp: prepareCleanUp(context),
    referencedBlobs: prepareReferencedBlobs(context),
    usage: prepareUsage(context),
  };
}
