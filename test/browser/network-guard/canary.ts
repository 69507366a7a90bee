import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

const ANSWER = [
  'HTTP/1.1 200 OK',
  'Content-Type: text/plain',
  'Content-Length: 2',
  'Access-Control-Allow-Origin: *',
  'Access-Control-Allow-Headers: *',
  'Access-Control-Allow-Methods: *',
  'Connection: close',
  '',
  'ok',
].join('\r\n');

/** What stands for the private network: a TCP and a UDP port on every address of this machine that note who comes. */
export class Canary {
  /** The names and paths that were asked for, `udp` for a datagram, `unknown` for bytes that name nothing. */
  readonly visits: string[] = [];
  /** How often a connection was made, whether anything was said or not. */
  connections = 0;
  readonly #tcp: Server;
  readonly #udp: UdpSocket;
  readonly #sockets = new Set<Socket>();

  private constructor(hasIPv6: boolean) {
    this.#tcp = createServer((socket) => this.#serve(socket));
    this.#udp = createSocket(hasIPv6 ? 'udp6' : 'udp4');
    this.#udp.on('message', () => this.visits.push('udp'));
  }

  static async start(): Promise<Canary> {
    for (const host of ['::', '0.0.0.0']) {
      const canary = new Canary(host === '::');
      const isListening = await canary.#listen(host);
      if (isListening) return canary;
      canary.close();
    }
    throw new Error('The canary found no port.');
  }

  get port(): number {
    return (this.#tcp.address() as AddressInfo).port;
  }

  close(): void {
    this.#tcp.close();
    this.#udp.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  async #listen(host: string): Promise<boolean> {
    const isUp = await new Promise<boolean>((resolve) => {
      this.#tcp.once('error', () => resolve(false));
      this.#tcp.listen({ port: 0, host }, () => resolve(true));
    });
    if (!isUp) return false;
    return new Promise((resolve) => {
      this.#udp.once('error', () => resolve(false));
      this.#udp.bind(this.port, host, () => resolve(true));
    });
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    this.connections += 1;
    socket.on('error', () => {});
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('data', (chunk: Buffer) => {
      const text = chunk.toString('latin1');
      // A name is readable in a TLS greeting as well.
      const way = /([a-z0-9-]+)\.canary\.example/.exec(text)?.[1] ?? /\/way\/([a-z0-9-]+)/.exec(text)?.[1];
      this.visits.push(way ?? 'unknown');
      socket.end(ANSWER);
    });
  }
}
