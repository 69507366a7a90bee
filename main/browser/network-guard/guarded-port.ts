import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { describeError } from '../../protocol/describe-error.ts';
import type { Log } from '../../protocol/ports.ts';
import type { Access } from '../../protocol/network/access-rules.ts';
import type { Dialer } from './dialer.ts';
import { printableHost, readHost } from '../../protocol/network/host-name.ts';
import type { Refusal, Unreachable } from '../../protocol/network/refusal.ts';
import { PROXY_BYPASS_LIST } from './chromium-proxy.ts';
import type { PageNetwork } from './page-network.ts';
import { serveSocks } from './socks-connection.ts';

export interface GuardedPortOptions {
  /** `nothing`: every connection is refused, before any name is looked up. */
  readonly reach: 'public' | 'nothing';
  readonly dialer: Dialer;
  readonly log: Log;
  readonly handshakeTimeoutMs: number;
  judge(host: string, port: number): Promise<Access>;
  onClose(port: GuardedPort): void;
}

/** A page that is refused more often than this is not listened to any more closely. */
const MAX_KEPT_REFUSALS = 100;
const MAX_KEPT_FAILURES = 200;
const MAX_KEPT_LOOK_UPS = 200;

/** More than Chromium's own limits (256 for requests and 256 for WebSockets): for whatever else may find the port. */
const MAX_CONNECTIONS = 600;

/**
 * The way out of one task: a SOCKS 5 proxy on a loopback port of its own. Which port a connection comes in at is what
 * tells the tasks apart, since Chromium cannot log in at such a proxy.
 */
export class GuardedPort implements PageNetwork {
  readonly #options: GuardedPortOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #unreachable = new Map<string, Unreachable>();
  readonly #lookUps = new Map<string, number>();
  #bytesUp = 0;
  #bytesDown = 0;
  #refusedConnections = 0;
  #maxBytes: number | null = null;
  #onLimit: (() => void) | null = null;
  #isLimitReached = false;
  #closed: Promise<void> | null = null;

  private constructor(options: GuardedPortOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => this.#serve(client));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** @throws Error when no port can be opened */
  static async open(options: GuardedPortOptions): Promise<GuardedPort> {
    const port = new GuardedPort(options);
    await new Promise<void>((resolve, reject) => {
      port.#server.once('error', reject);
      port.#server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    port.#server.on('error', (error) => options.log.warn('A guarded port failed.', { problem: describeError(error) }));
    return port;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo | null)?.port ?? 0;
  }

  /** As Chromium takes it for `--proxy-server`. */
  get proxyServer(): string {
    return `socks5://127.0.0.1:${this.port}`;
  }

  get contextProxy(): { readonly proxyServer: string; readonly proxyBypassList: string } {
    return { proxyServer: this.proxyServer, proxyBypassList: PROXY_BYPASS_LIST };
  }

  /** Bytes that the task has sent and received, TLS and headers included. */
  get bytesUp(): number {
    return this.#bytesUp;
  }
  get bytesDown(): number {
    return this.#bytesDown;
  }

  /** What was refused, each host, address, port and rule once, the first hundred of them. */
  get refusals(): readonly Refusal[] {
    return [...this.#refusals.values()];
  }

  /** How many connections were refused, repetitions included. */
  get refusedConnections(): number {
    return this.#refusedConnections;
  }

  /** Whether the bytes are used up, since when nothing goes through any more. */
  get isLimitReached(): boolean {
    return this.#isLimitReached;
  }

  /**
   * Limits the bytes up and down together; null: no limit. `onLimit` is called once, after all connections were cut.
   * Bytes that were counted before count.
   */
  setLimits(limits: { readonly maxBytes: number | null; readonly onLimit?: () => void }): void {
    this.#maxBytes = limits.maxBytes;
    this.#onLimit = limits.onLimit ?? null;
    this.#isWithinLimit();
  }

  /**
   * Why the last connection to a host did not come about; null when it did, or none was tried. Chromium only says
   * ERR_SOCKS_CONNECTION_FAILED.
   * @param hostname as in a URL; an IPv6 address with or without brackets
   */
  whyUnreachable(hostname: string, port: number): Unreachable | null {
    return this.#unreachable.get(keyOfUrlHost(hostname, port)) ?? null;
  }

  lookUpMs(hostname: string, port: number): number | null {
    return this.#lookUps.get(keyOfUrlHost(hostname, port)) ?? null;
  }

  /** Cuts every connection and gives the port back. Close the browser context before: the port may be another task's next. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => resolve());
      this.#cutAll();
      this.#options.onClose(this);
    });
    return this.#closed;
  }

  #serve(client: Socket): void {
    if (this.#closed !== null) return void client.destroy();
    this.#track(client);
    const { dialer, handshakeTimeoutMs, log } = this.#options;
    const serving = serveSocks(client, {
      dialer,
      handshakeTimeoutMs,
      meter: { countUp: (bytes) => this.#count(bytes, 0), countDown: (bytes) => this.#count(0, bytes) },
      judge: (host, port) => this.#judge(host, port),
      onUnreachable: (unreachable) => this.#remember(unreachable),
      onDialled: (server) => this.#track(server),
    });
    serving.catch((error: unknown) => {
      client.destroy();
      log.error('A guarded connection failed.', { problem: describeError(error) });
    });
  }

  async #judge(host: string, port: number): Promise<Access> {
    if (this.#options.reach === 'nothing') {
      return { kind: 'refused', refusal: { host: printableHost(host), address: null, port, rule: 'no_task' } };
    }
    const beganAtMs = performance.now();
    const access = await this.#options.judge(host, port);
    if (access.kind === 'refused') return access;
    this.#rememberLookUp(keyOf(access.host, port), performance.now() - beganAtMs);
    if (this.#isLimitReached) {
      return { kind: 'refused', refusal: { host: access.host, address: null, port, rule: 'byte_limit' } };
    }
    if (access.kind === 'allowed') this.#unreachable.delete(keyOf(access.host, port));
    return access;
  }

  #rememberLookUp(target: string, durationMs: number): void {
    if (this.#lookUps.has(target) || this.#lookUps.size >= MAX_KEPT_LOOK_UPS) return;
    this.#lookUps.set(target, durationMs);
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => this.#sockets.delete(socket));
  }

  #count(up: number, down: number): boolean {
    this.#bytesUp += up;
    this.#bytesDown += down;
    return this.#isWithinLimit();
  }

  #isWithinLimit(): boolean {
    if (this.#maxBytes === null || this.#bytesUp + this.#bytesDown <= this.#maxBytes) return true;
    if (!this.#isLimitReached) {
      this.#isLimitReached = true;
      this.#cutAll();
      this.#onLimit?.();
    }
    return false;
  }

  #remember(unreachable: Unreachable): void {
    const { host, port } = unreachable.kind === 'refused' ? unreachable.refusal : unreachable;
    const target = keyOf(host, port);
    if (this.#unreachable.has(target) || this.#unreachable.size < MAX_KEPT_FAILURES) {
      this.#unreachable.set(target, unreachable);
    }
    if (unreachable.kind === 'failed') return;
    this.#refusedConnections += 1;
    const { address, rule } = unreachable.refusal;
    const key = `${target} ${address ?? ''} ${rule}`;
    if (this.#refusals.has(key) || this.#refusals.size >= MAX_KEPT_REFUSALS) return;
    this.#refusals.set(key, unreachable.refusal);
    if (rule === 'no_task') return;
    this.#options.log.info('A page was kept from a host.', { host, address, port, rule });
  }

  #cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}

function keyOf(host: string, port: number): string {
  return `${host} ${port}`;
}

/** @param hostname as in a URL; an IPv6 address with or without brackets */
function keyOfUrlHost(hostname: string, port: number): string {
  return keyOf(readHost(hostname.replace(/^\[(.*)\]$/, '$1')).text, port);
}
