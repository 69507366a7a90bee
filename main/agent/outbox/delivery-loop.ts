import { describeError } from '../../protocol/describe-error.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { taskErrorOf } from '../../protocol/task-error.ts';
import type { Clock, Log, Random } from '../../protocol/ports.ts';
import { backoffMs } from '../backoff.ts';
import type { Queue } from '../queue/queue.ts';
import type { DueResult } from '../queue/task.ts';
import { HubCallError } from '../server/hub-call-error.ts';
import type { HubClient } from '../server/hub-client.ts';
import { WakeableSleep } from '../wakeable-sleep.ts';
import { hubFailure } from '../server/hub-failure.ts';
import type { HubGate } from '../server/hub-gate.ts';
import type { BlobFolder } from './blob-folder.ts';
import { deliverResult, type DeliveryEnd, type DeliveryLimits } from './deliver-result.ts';

/** Deliveries under way at once; more would only make the hub's disk the bottleneck. */
const CONCURRENCY = 3;
/** Without being woken, look for results this often. */
const CHECK_INTERVAL_MS = 3_600_000;
/** A result that fails on its own account, while the hub serves others, waits up to this long for its next turn. */
const OWN_RETRY_CAP_MS = 300_000;

/**
 * Delivers waiting results, oldest first, until the hub has confirmed or refused each. What is waiting stands in the
 * database only, so that a crash at any instruction repeats a delivery at the worst, which the hub recognises.
 */
export class DeliveryLoop {
  readonly #queue: Queue;
  readonly #blobs: BlobFolder;
  readonly #client: HubClient;
  readonly #gate: HubGate;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #typeVersion: (type: string) => number;
  readonly #limits: () => DeliveryLimits;
  readonly #onEnd: (due: DueResult, end: DeliveryEnd) => void;
  readonly #underWay = new Set<string>();
  /** Results that failed while the hub was well, and when (monotonic ms) they may go again. */
  readonly #setBack = new Map<string, number>();
  readonly #pause: WakeableSleep;

  constructor(options: {
    queue: Queue;
    blobs: BlobFolder;
    client: HubClient;
    gate: HubGate;
    clock: Clock;
    random: Random;
    log: Log;
    typeVersion: (type: string) => number;
    /** As the last handshake said. */
    limits: () => DeliveryLimits;
    onEnd: (due: DueResult, end: DeliveryEnd) => void;
  }) {
    this.#queue = options.queue;
    this.#blobs = options.blobs;
    this.#client = options.client;
    this.#gate = options.gate;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#typeVersion = options.typeVersion;
    this.#limits = options.limits;
    this.#onEnd = options.onEnd;
    this.#pause = new WakeableSleep(options.clock);
  }

  /** A result has been recorded: look for it now. */
  wake(): void {
    this.#pause.wake();
  }

  /** Runs until the signal aborts; deliveries under way are broken off then, to be repeated at the next start. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const due = this.#nextDue();
      for (const result of due) void this.#deliver(result, signal);
      const nextMs = Math.min(...this.#setBack.values()) - this.#clock.monotonicMs();
      await this.#pause.sleep(Math.max(1, Math.min(nextMs, CHECK_INTERVAL_MS)), signal);
    }
  }

  #nextDue(): DueResult[] {
    const free = CONCURRENCY - this.#underWay.size;
    if (free <= 0) return [];
    const nowMs = this.#clock.monotonicMs();
    for (const [attemptId, notBeforeMs] of this.#setBack) {
      if (notBeforeMs <= nowMs) this.#setBack.delete(attemptId);
    }
    try {
      const isWanted = (attemptId: string): boolean => !this.#underWay.has(attemptId) && !this.#setBack.has(attemptId);
      return this.#queue.dueResults(free + this.#underWay.size + this.#setBack.size, isWanted).slice(0, free);
    } catch (error) {
      this.#log.error('the outbox could not be read', { problem: describeError(error) });
      return [];
    }
  }

  async #deliver(due: DueResult, signal: AbortSignal): Promise<void> {
    this.#underWay.add(due.attemptId);
    try {
      const end = await this.#gate.pass(
        () =>
          deliverResult({
            client: this.#client,
            blobs: this.#blobs,
            due,
            typeVersion: this.#typeVersion,
            limits: this.#limits(),
            signal,
          }),
        hubFailure,
        signal,
      );
      if (end.end === 'delivered') this.#queue.markDelivered(due.attemptId);
      else this.#queue.markRefused(due.attemptId, end.code, end.message);
      this.#onEnd(due, end);
    } catch (error) {
      if (error instanceof LegworkError && error.code !== 'shutdown') this.#withdraw(due, error);
      else this.#setBackAfter(error, due, signal);
    } finally {
      this.#underWay.delete(due.attemptId);
      this.#pause.wake();
    }
  }

  /** A result that cannot be delivered as it is becomes a failure, so that its job ends instead of hanging. */
  #withdraw(due: DueResult, error: LegworkError): void {
    this.#log.error('a result is told as a failure', { attemptId: due.attemptId, problem: error.message });
    this.#queue.withdrawResult(due.attemptId, taskErrorOf(error));
  }

  #setBackAfter(error: unknown, due: DueResult, signal: AbortSignal): void {
    if (signal.aborted || (error instanceof HubCallError && error.failure === 'aborted')) return;
    this.#log.warn('a result could not be delivered yet', { attemptId: due.attemptId, problem: describeError(error) });
    if (hubFailure(error) === null) {
      const failures = due.tries + 1;
      const delayMs = backoffMs({ failures, random: this.#random, baseMs: 1_000, capMs: OWN_RETRY_CAP_MS });
      this.#setBack.set(due.attemptId, this.#clock.monotonicMs() + delayMs);
    }
    try {
      this.#queue.recordDeliveryTry(due.attemptId, describeError(error));
    } catch (storeError) {
      this.#log.error('a delivery try could not be noted', { problem: describeError(storeError) });
    }
  }
}
