import type { Socket } from 'node:net';
import { NetworkGuard, type NetworkGuardOptions } from '../../../main/browser/network-guard/guard.ts';
import type { GuardedPort } from '../../../main/browser/network-guard/guarded-port.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { connectByName, listenOnLoopback, RawClient } from './socks-client.ts';

/** A server that is opened to pages, guards before it, and clients of theirs; everything ends with `close`. */
export class PortBench {
  readonly siteSockets: Socket[] = [];
  /** What the server does with a connection; it echoes unless told otherwise. */
  onSite: (socket: Socket) => void = (socket) => void socket.pipe(socket);
  #site: Awaited<ReturnType<typeof listenOnLoopback>> | null = null;
  readonly #guards: NetworkGuard[] = [];
  readonly #clients: RawClient[] = [];

  async start(): Promise<void> {
    this.#site = await listenOnLoopback((socket) => {
      this.siteSockets.push(socket);
      this.onSite(socket);
    });
  }

  get sitePort(): number {
    return this.#site?.port ?? 0;
  }

  /** A guard with a port; no name resolves unless the options say so. */
  async openPort(options: Partial<NetworkGuardOptions> = {}): Promise<{ guard: NetworkGuard; port: GuardedPort }> {
    const guard = new NetworkGuard({
      allow: [`127.0.0.1:${this.sitePort}`],
      hub: null,
      log: new RecordingLog(),
      resolve: async (name) => {
        throw new Error(name);
      },
      ...options,
    });
    this.#guards.push(guard);
    return { guard, port: await guard.open() };
  }

  client(port: GuardedPort): RawClient {
    const made = new RawClient(port.port);
    this.#clients.push(made);
    return made;
  }

  /** A client that is connected to the server. @throws Error */
  async connected(port: GuardedPort): Promise<RawClient> {
    const made = this.client(port);
    const reply = await made.ask(connectByName('127.0.0.1', this.sitePort));
    if (reply !== 0) throw new Error(`not connected: ${reply}`);
    return made;
  }

  async close(): Promise<void> {
    for (const made of this.#clients) made.socket.destroy();
    await Promise.all(this.#guards.map((guard) => guard.close()));
    this.#site?.close();
  }
}

/** Waits for the test's time limit at most. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}
