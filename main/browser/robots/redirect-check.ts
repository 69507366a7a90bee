/**
 * Asks before a page is led on to another address. The request waits meanwhile; where the answer is no, it is not made.
 */
export class RedirectCheck {
  readonly #visited: string;
  readonly #check: (url: string) => Promise<void>;
  readonly #onRefused: (reason: Error) => void;

  /**
   * @param options.visited the address that the page was opened with, which has been asked for
   * @param options.check rejects when an address may not be visited
   * @param options.onRefused is told why
   */
  constructor(options: { visited: string; check: (url: string) => Promise<void>; onRefused: (reason: Error) => void }) {
    this.#visited = new URL(options.visited).href;
    this.#check = options.check;
    this.#onRefused = options.onRefused;
  }

  /** Whether the document may be asked for. Never rejects. */
  async mayVisit(url: string): Promise<boolean> {
    if (!/^https?:/.test(url) || url === this.#visited) return true;
    try {
      await this.#check(url);
      return true;
    } catch (error) {
      this.#onRefused(error instanceof Error ? error : new Error(String(error)));
      return false;
    }
  }
}
