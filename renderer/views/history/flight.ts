/** Movements that follow one another more slowly are each one by itself. */
export const REST_MS = 100;

/**
 * Tells rows that fly by, which nobody can read and which are not worth drawing, from a list that is read or that has
 * jumped somewhere. They fly while every movement, one soon after another, is a far one.
 */
export class Flight {
  #topPx: number;
  #farAtMs = -Infinity;

  constructor(topPx: number) {
    this.#topPx = topPx;
  }

  /** Takes note of where the list is now. @param farPx a movement by more is far @returns whether its rows fly by */
  move(topPx: number, farPx: number, atMs: number): boolean {
    const isFar = Math.abs(topPx - this.#topPx) > farPx;
    const isFlying = isFar && atMs - this.#farAtMs < REST_MS;
    this.#topPx = topPx;
    this.#farAtMs = isFar ? atMs : -Infinity;
    return isFlying;
  }
}
