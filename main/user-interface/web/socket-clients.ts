import type { RawData, WebSocket } from 'ws';
import { clientMessage, type EventData, type EventName } from '../../../preload/contract.ts';
import type { Log } from '../../protocol/ports.ts';
import type { UserInterface } from '../create-user-interface.ts';

/** Above this much unsent, a client is spared snapshots: it gets the newest when it has caught up. */
const SLOW_BYTES = 1024 * 1024;
/** Above this it is let go. */
const HOPELESS_BYTES = 16 * 1024 * 1024;
/** Calls that one client may have under way. */
const MOST_CALLS = 64;
const CATCH_UP_MS = 250;
const PING_MS = 30_000;

/** Speaks the contract over WebSockets: any number of windows at once, none of which can hold the others up. */
export class SocketClients {
  readonly #userInterface: UserInterface;
  readonly #log: Log;
  readonly #sockets = new Set<WebSocket>();
  /** Those that have missed a snapshot. */
  readonly #behind = new Set<WebSocket>();
  readonly #alive = new WeakSet<WebSocket>();
  readonly #unsubscribe: () => void;
  #catchUp: NodeJS.Timeout | null = null;
  readonly #ping: NodeJS.Timeout;

  constructor(userInterface: UserInterface, log: Log) {
    this.#userInterface = userInterface;
    this.#log = log;
    this.#unsubscribe = userInterface.subscribe((name, data) => this.#broadcast(name, data));
    this.#ping = setInterval(() => this.#dropDead(), PING_MS);
    this.#ping.unref();
  }

  /** Serves a client until it goes. */
  add(socket: WebSocket): void {
    let callsUnderWay = 0;
    this.#sockets.add(socket);
    this.#alive.add(socket);
    socket.on('pong', () => this.#alive.add(socket));
    socket.on('close', () => this.#forget(socket));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => {
      const message = isBinary ? null : readMessage(data);
      if (message === null) {
        // Without an id there is nobody to tell but whoever watches the connection.
        socket.close(1003, 'not a call');
        return;
      }
      if (callsUnderWay >= MOST_CALLS) {
        this.#send(socket, {
          id: message.id,
          failure: { code: 'too_many_calls', message: 'Too many calls are under way.' },
        });
        return;
      }
      callsUnderWay += 1;
      void this.#userInterface.answer(message.call, message.argument).then((outcome) => {
        callsUnderWay -= 1;
        this.#send(socket, { id: message.id, ...outcome });
        return undefined;
      });
    });
  }

  /** Sends everybody away. */
  close(): void {
    if (this.#catchUp !== null) clearTimeout(this.#catchUp);
    clearInterval(this.#ping);
    this.#unsubscribe();
    for (const socket of this.#sockets) {
      socket.close(1001, 'Legwork has ended');
      setTimeout(() => socket.terminate(), 500).unref();
    }
  }

  #broadcast<Name extends EventName>(event: Name, data: EventData<Name>): void {
    if (this.#sockets.size === 0) return;
    const text = JSON.stringify({ event, data });
    for (const socket of this.#sockets) {
      if (event === 'snapshot' && socket.bufferedAmount > SLOW_BYTES) this.#isLate(socket);
      else this.#sendText(socket, text);
    }
  }

  #isLate(socket: WebSocket): void {
    this.#behind.add(socket);
    this.#catchUp ??= setTimeout(() => this.#sendMissed(), CATCH_UP_MS).unref();
  }

  #sendMissed(): void {
    this.#catchUp = null;
    for (const socket of this.#behind) {
      if (socket.bufferedAmount > SLOW_BYTES) continue;
      this.#behind.delete(socket);
      this.#send(socket, { event: 'snapshot', data: this.#userInterface.snapshot() });
    }
    if (this.#behind.size > 0) this.#catchUp = setTimeout(() => this.#sendMissed(), CATCH_UP_MS).unref();
  }

  #send(socket: WebSocket, message: unknown): void {
    this.#sendText(socket, JSON.stringify(message));
  }

  #sendText(socket: WebSocket, text: string): void {
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > HOPELESS_BYTES) {
      this.#log.warn('a window was too slow and was let go', { unsentBytes: socket.bufferedAmount });
      socket.terminate();
      return;
    }
    socket.send(text);
  }

  #dropDead(): void {
    for (const socket of this.#sockets) {
      if (!this.#alive.delete(socket)) socket.terminate();
      else if (socket.readyState === socket.OPEN) socket.ping();
    }
  }

  #forget(socket: WebSocket): void {
    this.#sockets.delete(socket);
    this.#behind.delete(socket);
  }
}

function readMessage(data: RawData): { id: number; call: string; argument: unknown } | null {
  try {
    const text = Buffer.isBuffer(data) ? data.toString('utf8') : null;
    const parsed = clientMessage.safeParse(text === null ? null : JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
