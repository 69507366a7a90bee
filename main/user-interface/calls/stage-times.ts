import type { KeeperEvent } from '../keeper-port.ts';

const KEPT_ATTEMPTS = 300;

/** When an attempt came to a stage. */
export interface StageTime {
  stage: string;
  atMs: number;
}

/** Remembers when the latest attempts came to their stages; the store keeps only the present one of each. */
export class StageTimes {
  readonly #nowMs: () => number;
  readonly #stages = new Map<string, StageTime[]>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  take(event: KeeperEvent): void {
    if (event.kind !== 'progress') return;
    const { attemptId, progress } = event;
    const known = this.#stages.get(attemptId) ?? [];
    if (progress.stage === '' || known.at(-1)?.stage === progress.stage) return;
    known.push({ stage: progress.stage, atMs: Math.floor(this.#nowMs()) });
    this.#stages.set(attemptId, known);
    if (this.#stages.size <= KEPT_ATTEMPTS) return;
    const [oldest] = this.#stages.keys();
    if (oldest !== undefined) this.#stages.delete(oldest);
  }

  of(attemptId: string): readonly StageTime[] {
    return this.#stages.get(attemptId) ?? [];
  }
}
