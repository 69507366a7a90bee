import { stat } from 'node:fs/promises';
import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { Clock, Log } from '../protocol/ports.ts';
import type { AgentConfig } from './config/config-schema.ts';
import { freeDiskBytes } from './free-disk.ts';
import type { BlobFolder } from './outbox/blob-folder.ts';
import type { Queue } from './queue/queue.ts';
import { WakeableSleep } from './wakeable-sleep.ts';

async function fileBytes(path: string): Promise<number> {
  return (await stat(path).catch(() => null))?.size ?? 0;
}

const DAY_MS = 86_400_000;
const DISK_CHECK_INTERVAL_MS = 15_000;
/** A blob younger than this may belong to a result that is about to be recorded. */
const BLOB_GRACE_MS = 3_600_000;

/**
 * What has to be done from time to time, each at its own pace: look at the disk, take back tasks that hang, give up
 * results that no hub took for days, remove old history and the blobs that nothing refers to.
 */
export class Housekeeping {
  readonly #queue: Queue;
  readonly #blobs: BlobFolder;
  readonly #config: AgentConfig;
  readonly #databaseFile: string;
  readonly #epoch: number;
  readonly #runningAttemptIds: () => Set<string>;
  readonly #onChange: () => void;
  readonly #onRequeued: () => void;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #running: Promise<unknown>[] = [];
  #diskProblem: string | null = null;
  #cleaning: Promise<number> | null = null;

  constructor(options: {
    queue: Queue;
    blobs: BlobFolder;
    config: AgentConfig;
    databaseFile: string;
    epoch: number;
    runningAttemptIds: () => Set<string>;
    /** Whether tasks may start has changed. */
    onChange: () => void;
    /** Tasks have become due. */
    onRequeued: () => void;
    clock: Clock;
    log: Log;
  }) {
    this.#queue = options.queue;
    this.#blobs = options.blobs;
    this.#config = options.config;
    this.#databaseFile = options.databaseFile;
    this.#epoch = options.epoch;
    this.#runningAttemptIds = options.runningAttemptIds;
    this.#onChange = options.onChange;
    this.#onRequeued = options.onRequeued;
    this.#clock = options.clock;
    this.#log = options.log;
  }

  /** Why no task may start, when the disk is too full for results; null when there is room. */
  get diskProblem(): string | null {
    return this.#diskProblem;
  }

  start(): void {
    const { stuckTaskCheckIntervalMs, taskCleanupIntervalMs } = this.#config;
    this.#running = [
      this.#repeat(DISK_CHECK_INTERVAL_MS, 'disk check', () => this.checkDisk()),
      this.#repeat(stuckTaskCheckIntervalMs, 'check for stuck tasks', () => void this.resetStuck()),
      this.#repeat(taskCleanupIntervalMs, 'clean-up', async () => void (await this.cleanUp())),
    ];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
  }

  /**
   * Removes history beyond its age and size, then the blobs that nothing refers to; who asks meanwhile is told of the
   * same round. @returns how many tasks it removed
   */
  cleanUp(): Promise<number> {
    this.#cleaning ??= this.#cleanUp().finally(() => {
      this.#cleaning = null;
    });
    return this.#cleaning;
  }

  async #cleanUp(): Promise<number> {
    const nowMs = this.#clock.nowMs();
    this.#giveUpOldResults(nowMs - this.#config.deliveryMaxDays * DAY_MS);
    const { deletedTasks } = await this.#queue.cleanUp({
      finishedBeforeMs: nowMs - this.#config.taskCleanupDays * DAY_MS,
      signal: this.#stop.signal,
    });
    await this.#deleteBlobs();
    return deletedTasks + (await this.#cleanUpBySize());
  }

  /** Stops trying to deliver what no hub has taken for days; it stays in the history. */
  #giveUpOldResults(createdBeforeMs: number): void {
    const old = this.#queue.dueResults(100).filter(({ createdAtMs }) => createdAtMs < createdBeforeMs);
    for (const { attemptId, lastError } of old) {
      const why = `No hub took it within ${this.#config.deliveryMaxDays} days. Last try: ${lastError ?? 'none'}`;
      this.#queue.markRefused(attemptId, 'delivery_given_up', why);
    }
    if (old.length > 0)
      this.#log.error('results were given up: no hub took them for too long', { results: old.length });
    if (old.length === 100) this.#giveUpOldResults(createdBeforeMs);
  }

  async #cleanUpBySize(): Promise<number> {
    let deletedTasks = 0;
    // Each round gives up a quarter of the age that is left, so that the newest history stays the longest.
    for (let keepMs = this.#config.taskCleanupDays * DAY_MS; keepMs > BLOB_GRACE_MS && !this.#stop.signal.aborted;) {
      const sizeBytes = (await this.#blobs.sizeBytes()) + (await fileBytes(this.#databaseFile));
      if (sizeBytes <= this.#config.maxStoreBytes) break;
      keepMs *= 0.75;
      const request = { finishedBeforeMs: this.#clock.nowMs() - keepMs, signal: this.#stop.signal };
      deletedTasks += (await this.#queue.cleanUp(request)).deletedTasks;
      await this.#deleteBlobs();
    }
    return deletedTasks;
  }

  async #deleteBlobs(): Promise<void> {
    const freedBytes = await this.#blobs.deleteUnreferenced({
      olderThanMs: this.#clock.nowMs() - BLOB_GRACE_MS,
      referenced: (hashes) => this.#queue.referencedBlobs(hashes),
      signal: this.#stop.signal,
    });
    if (freedBytes > 0) this.#log.info('removed files that nothing refers to', { bytes: freedBytes });
  }

  /** Looks whether results still fit on the disk. */
  async checkDisk(): Promise<void> {
    const freeBytes = await freeDiskBytes(this.#config.dataFolder);
    const wantedBytes = this.#config.minimumFreeDiskBytes;
    const problem =
      freeBytes < wantedBytes
        ? new LegworkError('disk_full', `${freeBytes} bytes are free, ${wantedBytes} are kept free.`).message
        : null;
    if (problem === null && this.#diskProblem !== null) {
      this.#diskProblem = null;
      this.#onChange();
    } else if (problem !== null && this.#diskProblem === null) {
      this.#diskProblem = problem;
      this.#log.warn('no task is started: the disk is too full', { freeBytes, wantedBytes });
      this.#onChange();
    }
  }

  /** Takes back tasks that are marked as running although nobody executes them. @returns how many */
  resetStuck(): number {
    const recovered = this.#queue.resetStuck({
      thresholdMs: this.#config.stuckTaskThresholdMinutes * 60_000,
      epoch: this.#epoch,
      running: this.#runningAttemptIds(),
    });
    if (recovered.length === 0) return 0;
    this.#log.warn('tasks that nobody was executing were taken back', { tasks: recovered.length });
    this.#onRequeued();
    return recovered.length;
  }

  async #repeat(intervalMs: number, what: string, job: () => void | Promise<void>): Promise<void> {
    const pause = new WakeableSleep(this.#clock);
    while (!this.#stop.signal.aborted) {
      try {
        await job();
      } catch (error) {
        this.#log.error(`the ${what} failed`, { problem: describeError(error) });
      }
      await pause.sleep(intervalMs, this.#stop.signal);
    }
  }
}
