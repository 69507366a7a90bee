import type { Socket } from 'node:net';

/** Counts what goes over the wire. */
export interface Meter {
  /** Returns false when the limit is passed, and nothing more may go through. */
  countUp(bytes: number): boolean;
  countDown(bytes: number): boolean;
}

/** A connection of which one side has ended is given up after this long without a byte. */
const HALF_OPEN_IDLE_MS = 30_000;

/**
 * Passes bytes between a client and the server that it asked for, each direction no faster than the other side takes
 * them. An end is passed on as an end and a reset as a reset, so that the client sees what it would have seen.
 */
export function relay(client: Socket, server: Socket, meter: Meter): void {
  const destroyBoth = (): void => {
    client.destroy();
    server.destroy();
  };
  passOn(client, server, (bytes) => meter.countUp(bytes), destroyBoth);
  passOn(server, client, (bytes) => meter.countDown(bytes), destroyBoth);
  // A socket from which an upstream proxy's answer was read is paused.
  server.resume();
}

function passOn(from: Socket, to: Socket, count: (bytes: number) => boolean, destroyBoth: () => void): void {
  from.on('data', (chunk: Buffer) => {
    if (!count(chunk.length)) destroyBoth();
    else if (!to.write(chunk)) from.pause();
  });
  to.on('drain', () => from.resume());
  from.on('end', () => {
    to.end();
    from.setTimeout(HALF_OPEN_IDLE_MS, destroyBoth);
    to.setTimeout(HALF_OPEN_IDLE_MS, destroyBoth);
  });
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (from.readableEnded) to.destroySoon();
    else to.destroy();
  });
}
