import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** An HTTP proxy of a company (CONNECT, RFC 9110, 9.3.6) on loopback, that notes what it is asked for. */
export class ConnectProxy {
  /** First lines, such as `CONNECT 93.184.216.34:443 HTTP/1.1`. */
  readonly asked: string[] = [];
  /** Values of `Proxy-Authorization`, in order. */
  readonly authorizations: (string | null)[] = [];
  /** What is answered instead of making a connection. */
  answer: string | null = null;
  /** Called instead of answering. */
  onAsked: ((client: Socket) => void) | null = null;
  /** Sent in the same packet as the answer, before anything of the server's. */
  early = '';
  readonly #sitePort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor(sitePort: number) {
    this.#sitePort = sitePort;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  /** @param sitePort of the server that plays whatever is asked for */
  static async start(sitePort: number): Promise<ConnectProxy> {
    const proxy = new ConnectProxy(sitePort);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #serve(client: Socket): void {
    this.#keep(client);
    let head = '';
    const read = (chunk: Buffer): void => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      client.off('data', read);
      this.asked.push(head.split('\r\n')[0] ?? '');
      this.authorizations.push(/^proxy-authorization: (.*)$/im.exec(head)?.[1]?.trim() ?? null);
      if (this.onAsked !== null) {
        client.resume();
        return this.onAsked(client);
      }
      if (this.answer !== null) return void client.end(this.answer);
      const site = connect(this.#sitePort, '127.0.0.1');
      this.#keep(site);
      site.once('connect', () => {
        client.write(`HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy\r\n\r\n${this.early}`);
        client.pipe(site).pipe(client);
      });
    };
    client.on('data', read);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#sockets.delete(socket));
  }
}
