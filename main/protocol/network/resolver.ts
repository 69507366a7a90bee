import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import type { Clock } from '../ports.ts';

/** Looks a host name up: every address that it has, in the order in which they are to be tried. @throws any Error */
export type Resolver = (name: string) => Promise<readonly string[]>;

/** The machine's own way of looking names up: its hosts file, its VPN's rules, then DNS. */
export const systemResolver: Resolver = async (name) => {
  const answers = await lookup(name, { all: true, order: 'verbatim' });
  return answers.map(({ address }) => address);
};

export interface CachedResolverOptions {
  readonly resolve: Resolver;
  readonly clock: Clock;
  /** How long an answer is used. Whoever uses it checks it each time, so that a late change can open nothing. */
  readonly keepMs: number;
  readonly timeoutMs: number;
}

const MAX_KEPT_NAMES = 1_000;

/** Looks names up once for all who ask at the same time, keeps the answers for a while, and gives up after a time. */
export class CachedResolver {
  readonly #options: CachedResolverOptions;
  readonly #answers = new Map<string, { addresses: readonly string[]; untilMs: number }>();
  readonly #running = new Map<string, Promise<readonly string[]>>();

  constructor(options: CachedResolverOptions) {
    this.#options = options;
  }

  /** @throws Error when there is no answer, none in time, or one that is no address */
  async resolve(name: string): Promise<readonly string[]> {
    const kept = this.#answers.get(name);
    if (kept !== undefined && kept.untilMs > this.#options.clock.monotonicMs()) return kept.addresses;
    const running = this.#running.get(name);
    if (running !== undefined) return running;
    const asked = this.#ask(name).finally(() => this.#running.delete(name));
    this.#running.set(name, asked);
    return asked;
  }

  async #ask(name: string): Promise<readonly string[]> {
    const { resolve, clock, keepMs, timeoutMs } = this.#options;
    const waiting = new AbortController();
    const tooLate = clock.sleep(timeoutMs, waiting.signal).then(() => null);
    const answer = await Promise.race([resolve(name), tooLate]).finally(() => waiting.abort());
    if (answer === null) throw new Error(`No answer within ${timeoutMs} ms.`);
    const addresses = [...new Set(answer)];
    if (addresses.length === 0) throw new Error('The name has no address.');
    if (addresses.some((address) => isIP(address) === 0)) throw new Error('The answer is no address.');
    this.#answers.delete(name);
    this.#answers.set(name, { addresses, untilMs: clock.monotonicMs() + keepMs });
    for (const oldest of this.#answers.keys()) {
      if (this.#answers.size <= MAX_KEPT_NAMES) break;
      this.#answers.delete(oldest);
    }
    return addresses;
  }
}
