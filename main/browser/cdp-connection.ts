import type { Readable, Writable } from 'node:stream';
import { LegworkError } from '../protocol/error-table.ts';
import {
  CdpError,
  type CdpAnswer,
  type CdpEvent,
  type CdpEventName,
  type CdpMethod,
  type CdpParameters,
} from './cdp-types.ts';
import { MessageSplitter } from './message-splitter.ts';

interface PendingCall {
  readonly method: string;
  readonly sessionId: string | undefined;
  resolve(answer: never): void;
  reject(error: Error): void;
}

interface IncomingMessage {
  id?: number;
  method?: string;
  params?: unknown;
  sessionId?: string;
  result?: unknown;
  error?: { message: string };
}

type Listener = (parameters: never) => void;

/** The listeners of one session; the browser itself is the session without an id. */
type Listeners = Map<string, Listener>;

/**
 * A client of the Chrome DevTools Protocol over Chromium's remote-debugging pipe (JSON texts, each ended by a zero
 * byte; flat sessions). Made to cost little: commands of one turn of the event loop leave in one write, and an event
 * that nobody listens to is dropped by its first bytes, without being parsed.
 */
export class CdpConnection {
  readonly #output: Writable;
  readonly #pending = new Map<number, PendingCall>();
  readonly #sessions = new Map<string, Listeners>();
  /** How many sessions listen to an event; one that is not here is not parsed. */
  readonly #listenedEvents = new Map<string, number>();
  #lastId = 0;
  #unsent = '';
  #closedBy: Error | null = null;
  #resolveClosed: () => void = () => {};
  /** Resolves when the pipe is closed; no message arrives after it. */
  readonly closed: Promise<void>;

  /** @param input what Chromium writes; @param output what it reads */
  constructor(input: Readable, output: Writable) {
    this.#output = output;
    this.closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
    const splitter = new MessageSplitter((bytes, start, end) => this.#receive(bytes, start, end));
    const onClose = (): void => this.close();
    input.on('data', (chunk: Buffer) => splitter.push(chunk));
    input.on('close', onClose);
    input.on('end', onClose);
    input.on('error', onClose);
    output.on('close', onClose);
    output.on('error', onClose);
  }

  get isClosed(): boolean {
    return this.#closedBy !== null;
  }

  /**
   * Sends a command and resolves with its answer.
   * @throws CdpError when Chromium answers with an error
   * @throws LegworkError `browser_crashed` when the pipe closes first; what `endSession` was given when the session ends
   */
  send<Method extends CdpMethod>(
    method: Method,
    parameters?: CdpParameters<Method>,
    sessionId?: string,
  ): Promise<CdpAnswer<Method>> {
    if (this.#closedBy !== null) return Promise.reject(this.#closedBy);
    const id = this.post(method, parameters, sessionId);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, { method, sessionId, resolve, reject });
    });
  }

  /** Sends a command whose answer nobody waits for; an error in it is not seen. Returns the command's number. */
  post<Method extends CdpMethod>(method: Method, parameters?: CdpParameters<Method>, sessionId?: string): number {
    const id = ++this.#lastId;
    if (this.#closedBy !== null) return id;
    if (this.#unsent === '') queueMicrotask(() => this.#flush());
    this.#unsent += `${JSON.stringify({ id, method, params: parameters, sessionId })}\0`;
    return id;
  }

  /** Calls the listener with each such event of the session (of the browser when there is no id), after earlier listeners. */
  on<Name extends CdpEventName>(
    name: Name,
    listener: (parameters: CdpEvent<Name>) => void,
    sessionId: string = BROWSER_SESSION,
  ): void {
    let listeners = this.#sessions.get(sessionId);
    if (listeners === undefined) {
      listeners = new Map();
      this.#sessions.set(sessionId, listeners);
    }
    if (!listeners.has(name)) this.#countListener(name, 1);
    const earlier = listeners.get(name) as ((parameters: CdpEvent<Name>) => void) | undefined;
    const both = (parameters: CdpEvent<Name>): void => {
      earlier?.(parameters);
      listener(parameters);
    };
    listeners.set(name, earlier === undefined ? listener : both);
  }

  /** Takes back every listener of the session to an event. */
  off(name: CdpEventName, sessionId: string): void {
    if (this.#sessions.get(sessionId)?.delete(name) === true) this.#countListener(name, -1);
  }

  /** Forgets a session: its listeners, and its pending calls, which reject with `reason`. */
  endSession(sessionId: string, reason: Error): void {
    for (const name of this.#sessions.get(sessionId)?.keys() ?? []) this.#countListener(name, -1);
    this.#sessions.delete(sessionId);
    for (const [id, call] of this.#pending) {
      if (call.sessionId !== sessionId) continue;
      this.#pending.delete(id);
      call.reject(reason);
    }
  }

  /** Ends the connection: every pending call rejects. Chromium exits by itself when its pipe closes. */
  close(): void {
    if (this.#closedBy !== null) return;
    const reason = new LegworkError('browser_crashed', 'Its pipe closed.');
    this.#closedBy = reason;
    const calls = [...this.#pending.values()];
    this.#pending.clear();
    for (const call of calls) call.reject(reason);
    this.#sessions.clear();
    this.#listenedEvents.clear();
    this.#output.destroy();
    this.#resolveClosed();
  }

  #countListener(name: string, change: 1 | -1): void {
    const count = (this.#listenedEvents.get(name) ?? 0) + change;
    if (count === 0) this.#listenedEvents.delete(name);
    else this.#listenedEvents.set(name, count);
  }

  #flush(): void {
    const text = this.#unsent;
    this.#unsent = '';
    if (this.#closedBy === null) this.#output.write(text);
  }

  #receive(bytes: Buffer, start: number, end: number): void {
    if (!this.#isAwaited(bytes, start, end)) return;
    const message = JSON.parse(bytes.toString('utf8', start, end)) as IncomingMessage;
    if (message.id !== undefined) {
      const call = this.#pending.get(message.id);
      if (call === undefined) return;
      this.#pending.delete(message.id);
      if (message.error === undefined) call.resolve(message.result as never);
      else call.reject(new CdpError(call.method, message.error.message));
    } else if (message.method !== undefined) {
      const listener = this.#sessions.get(message.sessionId ?? BROWSER_SESSION)?.get(message.method);
      listener?.(message.params as never);
    }
  }

  /** Judges a message by its first bytes; one of an unknown form counts as awaited. */
  #isAwaited(bytes: Buffer, start: number, messageEnd: number): boolean {
    const head = bytes.toString('latin1', start, Math.min(start + HEAD_BYTES, messageEnd));
    if (head.startsWith(EVENT_HEAD)) {
      const end = head.indexOf('"', EVENT_HEAD.length);
      return end === -1 || this.#listenedEvents.has(head.slice(EVENT_HEAD.length, end));
    }
    if (head.startsWith(ANSWER_HEAD)) return this.#pending.has(Number.parseInt(head.slice(ANSWER_HEAD.length), 10));
    return true;
  }
}

const BROWSER_SESSION = '';
const EVENT_HEAD = '{"method":"';
const ANSWER_HEAD = '{"id":';
const HEAD_BYTES = 72;
