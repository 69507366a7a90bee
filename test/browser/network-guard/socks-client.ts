import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export const GREETING = Buffer.from([5, 1, 0]);

/** A CONNECT request by name (RFC 1928, section 4). */
export function connectByName(name: string | Buffer, port: number, command = 1): Buffer {
  const bytes = Buffer.from(name);
  return Buffer.from([5, command, 0, 3, bytes.length, ...bytes, port >> 8, port & 0xff]);
}

/** A CONNECT request by address: 4 or 16 bytes. */
export function connectByAddress(address: readonly number[], port: number): Buffer {
  return Buffer.from([5, 1, 0, address.length === 4 ? 1 : 4, ...address, port >> 8, port & 0xff]);
}

/** A SOCKS client that says exactly what a test tells it to. */
export class RawClient {
  readonly socket: Socket;
  received: Buffer = Buffer.alloc(0);
  readonly closed: Promise<'end' | 'reset'>;
  #wake: () => void = () => {};

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.#wake();
    });
    this.closed = new Promise((resolve) => {
      let how: 'end' | 'reset' = 'end';
      this.socket.on('error', () => {
        how = 'reset';
      });
      this.socket.on('close', () => {
        resolve(how);
        this.#wake();
      });
    });
  }

  send(bytes: Buffer | string): void {
    this.socket.write(bytes);
  }

  /** The next bytes, as many as asked for; fewer when the connection closes before. */
  async take(count: number): Promise<Buffer> {
    while (this.received.length < count && !this.socket.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const taken = this.received.subarray(0, count);
    this.received = this.received.subarray(count);
    return taken;
  }

  /** Greets and asks; returns the reply's code, or null when there was no reply. */
  async ask(request: Buffer): Promise<number | null> {
    this.send(GREETING);
    await this.take(2);
    this.send(request);
    return (await this.take(10))[1] ?? null;
  }
}

/** A TCP server on loopback that counts who comes. */
export async function listenOnLoopback(
  onConnection: (socket: Socket) => void,
  host = '127.0.0.1',
): Promise<{ readonly port: number; readonly server: Server; close(): void }> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}
