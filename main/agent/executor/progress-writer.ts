import type { Progress } from '../../protocol/fields.ts';
import type { Queue } from '../queue/queue.ts';
import type { ProgressEntry } from '../queue/task.ts';

const WRITE_INTERVAL_MS = 1_000;

/** Writes the progress of running attempts down, at most once a second for all of them. */
export class ProgressWriter {
  readonly #queue: Queue;
  readonly #onStoreFailure: (error: unknown) => void;
  readonly #unwritten = new Map<string, ProgressEntry>();
  #timer: NodeJS.Timeout | null = null;

  constructor(queue: Queue, onStoreFailure: (error: unknown) => void) {
    this.#queue = queue;
    this.#onStoreFailure = onStoreFailure;
  }

  progressed(attemptId: string, progress: Progress): void {
    this.#unwritten.set(attemptId, { attemptId, ...progress });
    if (this.#timer === null) this.#timer = setTimeout(() => this.#write(), WRITE_INTERVAL_MS);
  }

  /** The attempt has ended; its progress is of no use any more. */
  forget(attemptId: string): void {
    this.#unwritten.delete(attemptId);
  }

  #write(): void {
    this.#timer = null;
    const entries = [...this.#unwritten.values()];
    this.#unwritten.clear();
    try {
      this.#queue.recordProgress(entries);
    } catch (error) {
      this.#onStoreFailure(error);
    }
  }
}
