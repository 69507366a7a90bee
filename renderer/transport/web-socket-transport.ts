import { type CallOutcome, serverMessage } from '../../preload/contract.ts';
import type { ConnectionState, Transport } from './transport.ts';

const FIRST_DELAY_MS = 250;
const LONGEST_DELAY_MS = 5_000;
const CALL_LIMIT_MS = 120_000;

const LOST: CallOutcome = {
  failure: { code: 'connection_lost', message: 'The connection to Legwork was lost before it answered.' },
};

interface WaitingCall {
  resolve: (outcome: CallOutcome) => void;
  timer: ReturnType<typeof setTimeout>;
}

/**
 * The bridge over a WebSocket. Calls that are made while there is no connection wait for it; those that were under way
 * when it broke fail, since nobody knows whether they were carried out. Connects again by itself, with growing pauses.
 */
export class WebSocketTransport implements Transport {
  readonly #url: string;
  readonly #eventListeners = new Set<(name: string, data: unknown) => void>();
  readonly #connectionListeners = new Set<() => void>();
  readonly #waiting = new Map<number, WaitingCall>();
  #unsent: string[] = [];
  #socket: WebSocket | null = null;
  #state: ConnectionState = 'connecting';
  #nextId = 1;
  #delayMs = FIRST_DELAY_MS;

  constructor(url: string) {
    this.#url = url;
    this.#connect();
  }

  connection(): ConnectionState {
    return this.#state;
  }

  onConnection(listener: () => void): () => void {
    this.#connectionListeners.add(listener);
    return () => this.#connectionListeners.delete(listener);
  }

  subscribe(listener: (name: string, data: unknown) => void): () => void {
    this.#eventListeners.add(listener);
    return () => this.#eventListeners.delete(listener);
  }

  call(name: string, argument: unknown): Promise<CallOutcome> {
    if (this.#state === 'lost') return Promise.resolve(LOST);
    const id = this.#nextId++;
    const message = JSON.stringify({ id, call: name, argument });
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#settle(id, LOST), CALL_LIMIT_MS);
      this.#waiting.set(id, { resolve, timer });
      if (this.#state === 'open' && this.#socket !== null) this.#socket.send(message);
      else this.#unsent.push(message);
    });
  }

  #settle(id: number, outcome: CallOutcome): void {
    const waiting = this.#waiting.get(id);
    if (waiting === undefined) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.resolve(outcome);
  }

  #connect(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener('open', () => {
      this.#delayMs = FIRST_DELAY_MS;
      for (const message of this.#unsent) socket.send(message);
      this.#unsent = [];
      this.#enter('open');
    });
    socket.addEventListener('message', (event) => this.#receive(event.data));
    socket.addEventListener('close', () => this.#lose());
  }

  #lose(): void {
    this.#socket = null;
    this.#unsent = [];
    for (const id of this.#waiting.keys()) this.#settle(id, LOST);
    this.#enter('lost');
    setTimeout(() => this.#connect(), this.#delayMs);
    this.#delayMs = Math.min(LONGEST_DELAY_MS, this.#delayMs * 2);
  }

  #receive(text: unknown): void {
    if (typeof text !== 'string') return;
    const message = serverMessage.safeParse(parseJson(text));
    if (!message.success) return;
    if ('event' in message.data) {
      const { event, data } = message.data;
      for (const listener of this.#eventListeners) listener(event, data);
    } else if ('failure' in message.data) {
      this.#settle(message.data.id, { failure: message.data.failure });
    } else {
      this.#settle(message.data.id, { answer: message.data.answer });
    }
  }

  #enter(state: ConnectionState): void {
    if (this.#state === state) return;
    this.#state = state;
    for (const listener of this.#connectionListeners) listener();
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
