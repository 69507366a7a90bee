import { connect, type Socket } from 'node:net';

/** Where a connection goes: what was checked, and the name that it was checked for. */
export interface DialTarget {
  readonly host: string;
  readonly port: number;
  /** Checked addresses in the order in which they are to be tried. */
  readonly addresses: readonly string[];
}

/** Opens connections that the rules have allowed. One that goes through another proxy is a second adapter. */
export interface Dialer {
  /**
   * Resolves with a connected socket that allows half-open connections. The caller owns it.
   * @throws Error with the system's `code` of the last address that was tried, `ETIMEDOUT` when the time is up, or the
   *   signal's reason
   */
  dial(target: DialTarget, signal: AbortSignal): Promise<Socket>;
}

const DEFAULT_TIMEOUT_MS = 20_000;

/** RFC 8305 recommends to try the next address after 250 ms without an answer; slow lines get somewhat longer. */
const NEXT_ADDRESS_MS = 400;

/** Dials the checked addresses, each one later than the one before, and takes the first that answers. */
export class DirectDialer implements Dialer {
  readonly #timeoutMs: number;

  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS) {
    this.#timeoutMs = timeoutMs;
  }

  dial({ port, addresses }: DialTarget, signal: AbortSignal): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const trying = new Set<Socket>();
      const waiting = [...addresses];
      let nextTimer: NodeJS.Timeout | undefined;
      const finish = (): void => {
        clearTimeout(nextTimer);
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
      };
      const fail = (reason: Error): void => {
        finish();
        for (const socket of trying) socket.destroy();
        reject(reason);
      };
      const tryNext = (): void => {
        clearTimeout(nextTimer);
        const address = waiting.shift();
        if (address === undefined) return;
        const socket = connect({ host: address, port, allowHalfOpen: true, noDelay: true });
        trying.add(socket);
        const onError = (error: Error): void => {
          trying.delete(socket);
          if (trying.size === 0 && waiting.length === 0) fail(error);
          else tryNext();
        };
        socket.once('error', onError);
        socket.once('connect', () => {
          trying.delete(socket);
          socket.off('error', onError);
          finish();
          // An attempt that is given up may still fail; nobody asks any more.
          for (const other of trying) other.on('error', () => {}).destroy();
          trying.clear();
          resolve(socket);
        });
        if (waiting.length > 0) nextTimer = setTimeout(tryNext, NEXT_ADDRESS_MS);
      };
      const onAbort = (): void => fail(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      const timer = setTimeout(() => fail(timeoutError(this.#timeoutMs)), this.#timeoutMs);
      if (signal.aborted) return onAbort();
      signal.addEventListener('abort', onAbort, { once: true });
      if (waiting.length === 0) return fail(new Error('There is no address to dial.'));
      return tryNext();
    });
  }
}

function timeoutError(timeoutMs: number): Error {
  return Object.assign(new Error(`No connection within ${timeoutMs} ms.`), { code: 'ETIMEDOUT' });
}
