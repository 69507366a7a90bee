import { createReadStream } from 'node:fs';
import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { ownAddress } from './own-address.ts';
import { readProxyRoutes, type ProxyRoute } from './proxy-routes.ts';

const MAX_FILE_BYTES = 1024 * 1024;
const FETCH_TIMEOUT_MS = 15_000;
/** A company that changes its file is noticed after this long. */
const KEEP_MS = 3_600_000;
/** A file that could not be had is tried again after this long. */
const RETRY_MS = 30_000;
const MAX_MEMORY_BYTES = 32 * 1024 * 1024;
/** A script that computes for longer without a pause is broken off. */
const MAX_BUSY_MS = 500;

/** Whatever the script returns, which may be anything. */
type FindProxy = (url: URL, host: string) => Promise<unknown>;

/**
 * A proxy auto-configuration file: a script of the host's company that names the proxies for a URL. It runs in an engine
 * of its own (QuickJS in WebAssembly), without access to anything but the functions that such files have.
 */
export class PacFile {
  readonly #location: URL;
  readonly #clock: Clock;
  readonly #log: Log;
  #loaded: Promise<FindProxy> | null = null;
  #loadedAtMs = 0;

  /** @param location `file:`, `http:` or `https:` */
  constructor(location: URL, clock: Clock, log: Log) {
    this.#location = location;
    this.#clock = clock;
    this.#log = log;
  }

  /**
   * The ways to a host in the order in which they are to be tried; empty when the file knows none that is supported.
   * @throws Error when the file cannot be had or its script fails
   */
  async routesTo(host: string, port: number): Promise<ProxyRoute[]> {
    const find = await this.#current();
    const isTls = port === 443 || port === 8_443;
    const plainHost = host.includes(':') ? `[${host}]` : host;
    const answer = await find(new URL(`${isTls ? 'https' : 'http'}://${plainHost}:${port}/`), host);
    if (typeof answer !== 'string') throw new Error('It returned no text, such as DIRECT.');
    const { routes, unknown } = readProxyRoutes(answer);
    if (unknown.length > 0) {
      this.#log.debug('The PAC file names ways that are not supported.', { ways: unknown.join('; ').slice(0, 200) });
    }
    return routes;
  }

  #current(): Promise<FindProxy> {
    const ageMs = this.#clock.monotonicMs() - this.#loadedAtMs;
    if (this.#loaded !== null && ageMs < KEEP_MS) return this.#loaded;
    const before = this.#loaded;
    this.#loadedAtMs = this.#clock.monotonicMs();
    const loading = this.#load().catch((error: unknown) => {
      this.#log.warn('The PAC file could not be loaded.', { problem: describeError(error) });
      this.#loadedAtMs = this.#clock.monotonicMs() - KEEP_MS + RETRY_MS;
      // An older one is better than no way out at all.
      if (before !== null) return before;
      throw error;
    });
    loading.catch(() => {});
    this.#loaded = loading;
    return loading;
  }

  async #load(): Promise<FindProxy> {
    const script = await this.#read();
    // Few machines have such a file, and the engine takes a while to load.
    const [{ createPacResolver }, { QuickJS }] = await Promise.all([import('pac-resolver'), import('quickjs-wasi')]);
    const engine = await QuickJS.create({ memoryLimit: MAX_MEMORY_BYTES, interruptHandler: busyFor(MAX_BUSY_MS) });
    // The package's own function opens a connection to a server of Google, which is what a firewall swallows.
    const myIpAddress = async (): Promise<string> => ownAddress();
    return createPacResolver(engine, script, { sandbox: { alert: () => undefined, myIpAddress } });
  }

  async #read(): Promise<string> {
    if (this.#location.protocol === 'file:') {
      return readLimited(createReadStream(this.#location, { end: MAX_FILE_BYTES }));
    }
    const answer = await fetch(this.#location, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
    if (!answer.ok) throw new Error(`Status ${answer.status}.`);
    return answer.body === null ? '' : readLimited(answer.body);
  }
}

/** Reads no more than a script may have. @throws Error when there is more, or the source fails */
async function readLimited(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of source) {
    chunks.push(chunk);
    bytes += chunk.byteLength;
    if (bytes > MAX_FILE_BYTES) throw new Error(`It is larger than ${MAX_FILE_BYTES} bytes.`);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Says when a script has computed for so long without giving this thread back; called all the time while it computes. */
function busyFor(limitMs: number): () => boolean {
  let beganAtMs: number | null = null;
  return () => {
    const nowMs = performance.now();
    if (beganAtMs === null) {
      beganAtMs = nowMs;
      setImmediate(() => {
        beganAtMs = null;
      });
    }
    return nowMs - beganAtMs > limitMs;
  };
}
