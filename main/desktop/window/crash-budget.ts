/** How often something that crashes is started again: at most `most` times within `withinMs`. */
export class CrashBudget {
  readonly #most: number;
  readonly #withinMs: number;
  #crashesAtMs: number[] = [];

  constructor(most: number, withinMs: number) {
    this.#most = most;
    this.#withinMs = withinMs;
  }

  /** Counts a crash. False when it is one too many. */
  mayRestart(nowMs: number): boolean {
    this.#crashesAtMs = this.#crashesAtMs.filter((atMs) => nowMs - atMs < this.#withinMs);
    this.#crashesAtMs.push(nowMs);
    return this.#crashesAtMs.length <= this.#most;
  }
}
