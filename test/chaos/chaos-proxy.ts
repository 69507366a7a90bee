import net from 'node:net';
import type { AddressInfo } from 'node:net';

/** What is done to a connection; `none` for most. */
export type Fault = 'none' | 'refuse' | 'cut' | 'truncate' | 'delay' | 'garble';

const FAULTS: Fault[] = ['refuse', 'cut', 'truncate', 'delay', 'garble'];

/** A TCP proxy between agent and hub that breaks a share of what goes through it, in either direction. */
export interface ChaosProxy {
  port: number;
  /** Share of connections, 0 to 1, that get a fault. */
  faultShare: number;
  /** How often each fault was done. */
  done: Record<Fault, number>;
  /** Breaks every open connection, so that kept-alive ones get their share of faults. */
  cutAll(): void;
  close(): Promise<void>;
}

/**
 * Starts the proxy.
 * @param random decides on faults; a seeded one makes a run repeatable in kind, if not in timing
 */
export async function startChaosProxy(targetPort: () => number, random: () => number): Promise<ChaosProxy> {
  const open = new Set<net.Socket>();
  const done: Record<Fault, number> = { none: 0, refuse: 0, cut: 0, truncate: 0, delay: 0, garble: 0 };
  const server = net.createServer((client) => {
    const fault: Fault =
      random() < proxy.faultShare ? (FAULTS[Math.floor(random() * FAULTS.length)] ?? 'none') : 'none';
    done[fault] += 1;
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => client.destroy());
    if (fault === 'refuse') {
      client.destroy();
      return;
    }
    const upstream = net.connect(targetPort(), '127.0.0.1');
    upstream.on('error', () => client.destroy());
    client.on('close', () => upstream.destroy());
    upstream.on('close', () => client.destroy());
    const towardsHub = random() < 0.5;
    const faultAtByte = Math.floor(random() * 3_000);
    forward(client, upstream, towardsHub ? fault : 'none', faultAtByte, random);
    forward(upstream, client, towardsHub ? 'none' : fault, faultAtByte, random);
  });
  const proxy: ChaosProxy = {
    port: 0,
    faultShare: 0,
    done,
    cutAll: () => {
      for (const socket of open) socket.destroy();
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of open) socket.destroy();
        server.close(() => resolve());
      }),
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  proxy.port = (server.address() as AddressInfo).port;
  return proxy;
}

/** Copies bytes until the fault's place is reached, then does it. */
function forward(from: net.Socket, to: net.Socket, fault: Fault, faultAtByte: number, random: () => number): void {
  let seenBytes = 0;
  from.on('data', (chunk: Buffer) => {
    const isHere = fault !== 'none' && seenBytes <= faultAtByte && seenBytes + chunk.byteLength > faultAtByte;
    const offset = faultAtByte - seenBytes;
    seenBytes += chunk.byteLength;
    if (!isHere) {
      to.write(chunk);
      return;
    }
    switch (fault) {
      case 'cut':
        from.destroy();
        to.destroy();
        break;
      case 'truncate':
        to.write(chunk.subarray(0, offset));
        to.end();
        break;
      case 'garble': {
        const garbled = Buffer.from(chunk);
        for (let index = offset; index < Math.min(garbled.byteLength, offset + 8); index += 1) {
          garbled[index] = Math.floor(random() * 256);
        }
        to.write(garbled);
        break;
      }
      case 'delay':
        from.pause();
        setTimeout(
          () => {
            to.write(chunk);
            from.resume();
          },
          Math.floor(random() * 3_000),
        );
        break;
      default:
        to.write(chunk);
    }
  });
}
