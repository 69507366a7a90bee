/** Share of the time that working an answer out again may take while the store changes. */
const SHARE = 0.02;
const KEPT_ANSWERS = 8;

interface KeptAnswer<Answer> {
  answer: Promise<Answer>;
  version: number;
  /** Monotonic milliseconds until which the answer is good although the store has changed. */
  goodUntilMs: number;
}

/**
 * Keeps answers about the store that cost time. One is worked out again when the store has changed, but not more often
 * than a fiftieth of the time allows: it may be that much behind.
 */
export class AffordableCache<Answer> {
  readonly #version: () => number;
  readonly #monotonicMs: () => number;
  readonly #kept = new Map<string, KeptAnswer<Answer>>();

  /** @param options.version a number that is another one whenever the store has changed */
  constructor(options: { version: () => number; monotonicMs: () => number }) {
    this.#version = options.version;
    this.#monotonicMs = options.monotonicMs;
  }

  get(key: string, workOut: () => Answer | Promise<Answer>): Promise<Answer> {
    const version = this.#version();
    const kept = this.#kept.get(key);
    if (kept !== undefined && (kept.version === version || this.#monotonicMs() < kept.goodUntilMs)) return kept.answer;
    const beginMs = this.#monotonicMs();
    const answer = (async () => workOut())();
    const entry: KeptAnswer<Answer> = { answer, version, goodUntilMs: Number.POSITIVE_INFINITY };
    this.#kept.delete(key);
    this.#kept.set(key, entry);
    for (const oldest of this.#kept.keys()) {
      if (this.#kept.size <= KEPT_ANSWERS) break;
      this.#kept.delete(oldest);
    }
    answer.then(
      () => {
        const nowMs = this.#monotonicMs();
        entry.goodUntilMs = nowMs + (nowMs - beginMs) / SHARE;
      },
      () => this.#kept.delete(key),
    );
    return answer;
  }
}
