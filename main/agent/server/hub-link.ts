import { assertNever } from '../../protocol/assert-never.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { goodbyeResponse, type GoodbyeRequest } from '../../protocol/goodbye.ts';
import type { HandshakeResponse } from '../../protocol/handshake.ts';
import { heartbeatResponse } from '../../protocol/heartbeat.ts';
import { leaveResponse } from '../../protocol/leave.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import type { Command, LeasedTask, LostLease } from '../../protocol/request-work.ts';
import { shakeHands, type HandshakeFacts } from './handshake.ts';
import { HubCallError } from './hub-call-error.ts';
import type { HubClient } from './hub-client.ts';
import type { HubGate } from './hub-gate.ts';
import { hubFailure } from './hub-failure.ts';

/**
 * - `connecting`: not answered yet.
 * - `connected`: the last call was answered.
 * - `offline`: the hub does not answer; the agent keeps trying.
 * - `unaccepted`: something answers that does not accept, or cannot prove, the identity; the agent keeps trying slowly.
 * - `revoked`, `superseded`, `too_old`: the hub has said so, provably; only the host can change that.
 * - `ended`: goodbye was said.
 */
export type LinkState =
  | { state: 'connecting' | 'connected' | 'ended' }
  | { state: 'offline' | 'unaccepted' | 'revoked' | 'superseded' | 'too_old'; reason: string };

/** Whether the hub has revoked the secret of an agent that leaves, now or before; why it is not known to have. */
export type LeaveReport = { heard: true } | { heard: false; error: unknown };

/** What the link needs from, and tells, the rest of the agent. */
export interface LinkListener {
  facts(): HandshakeFacts;
  onState(state: LinkState): void;
  onSession(session: HandshakeResponse): void;
  /** @returns how many of the tasks are new to this agent */
  onTasks(tasks: LeasedTask[]): number;
  onLostLeases(lost: LostLease[]): void;
  /** Carries a command out; a rejection means that it is to be tried again when the hub repeats it. */
  onCommand(command: Command): Promise<void>;
}

/** How a failed call changes the state of the link. Pure. */
export function stateAfterFailure(error: HubCallError): LinkState | null {
  const reason = error.message;
  switch (error.failure) {
    case 'aborted':
      return null;
    case 'unreachable':
      return { state: 'offline', reason };
    case 'unverified':
      return error.status === 401 ? { state: 'unaccepted', reason } : { state: 'offline', reason };
    case 'refused':
      if (error.code === 'superseded') return { state: 'superseded', reason };
      if (error.code === 'revoked_worker') return { state: 'revoked', reason };
      if (error.code === 'agent_too_old' || error.code === 'protocol_unsupported') return { state: 'too_old', reason };
      if (error.code === 'session_unknown') return { state: 'connecting' };
      return error.status === 401 ? { state: 'unaccepted', reason } : { state: 'offline', reason };
    default:
      return assertNever(error.failure, 'failure of a call');
  }
}

function isAboutSession(error: unknown): boolean {
  return error instanceof HubCallError && (error.code === 'superseded' || error.code === 'session_unknown');
}

/** After a final refusal the hub is asked again this often only: the operator may have put it right. */
const REFUSED_RETRY_MS = 60_000;

/**
 * The session with the hub, which the loops share: shakes hands when there is none, keeps the state that people see,
 * and ends it with goodbye.
 */
export class HubLink {
  readonly client: HubClient;
  readonly gate: HubGate;
  readonly listener: LinkListener;
  readonly clock: Clock;
  readonly log: Log;
  #session: HandshakeResponse | null = null;
  #state: LinkState = { state: 'connecting' };
  #handshake: Promise<HandshakeResponse> | null = null;
  /** Commands that were carried out and not acknowledged yet. */
  #acknowledged = new Set<string>();
  /** Commands that are under way or carried out, so that a repetition does nothing. */
  readonly #taken = new Set<string>();
  /** Sessions that the hub did not know any more, in a row. */
  #lostSessions = 0;

  constructor(options: { client: HubClient; gate: HubGate; listener: LinkListener; clock: Clock; log: Log }) {
    this.client = options.client;
    this.gate = options.gate;
    this.listener = options.listener;
    this.clock = options.clock;
    this.log = options.log;
  }

  get state(): LinkState {
    return this.#state;
  }

  get session(): HandshakeResponse | null {
    return this.#session;
  }

  /** True when trying again is pointless until the host acts. */
  get ended(): boolean {
    return this.#state.state === 'superseded' || this.#state.state === 'ended';
  }

  /**
   * The session, started if there is none; loops that ask at the same time share one handshake. Waits as long as it
   * takes; null when the signal aborts or the link has ended.
   */
  async ensureSession(signal: AbortSignal): Promise<HandshakeResponse | null> {
    while (!signal.aborted && !this.ended) {
      if (this.#session !== null) return this.#session;
      this.#handshake ??= this.#shakeHands(signal).finally(() => {
        this.#handshake = null;
      });
      try {
        return await this.#handshake;
      } catch (error) {
        await this.failed(error, signal);
      }
    }
    return null;
  }

  /** One call within the session, through the gate. @throws what the call throws; tell `failed` of it */
  async call<T>(send: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const inSession = this.#session !== null;
    const value = await this.gate.pass(send, hubFailure, signal);
    if (inSession) this.#lostSessions = 0;
    this.#setState({ state: 'connected' });
    return value;
  }

  /**
   * Learns from a failed call and waits when the next one is not for the gate to delay.
   * @param session the one in which the call was made; what the hub says of one that is replaced already is no news
   */
  async failed(error: unknown, signal: AbortSignal, session: HandshakeResponse | null = null): Promise<void> {
    if (signal.aborted) return;
    if (session !== null && session !== this.#session && isAboutSession(error)) return;
    if (!(error instanceof HubCallError)) {
      this.log.error('a call to the hub failed in a way that was not foreseen', { problem: describeError(error) });
      await this.clock.sleep(5_000, signal);
      return;
    }
    const state = stateAfterFailure(error);
    if (state === null) return;
    if (error.failure === 'refused' && !error.retryable) this.#session = null;
    this.#setState(state);
    if (error.code === 'session_unknown') await this.clock.sleep(this.#sessionDelayMs(), signal);
    else if (!error.retryable) await this.clock.sleep(REFUSED_RETRY_MS, signal);
  }

  /** Commands of the hub: each is carried out once, and acknowledged with the next call after that. */
  takeCommands(commands: Command[]): void {
    for (const command of commands) {
      if (this.#taken.has(command.id)) continue;
      this.#taken.add(command.id);
      this.listener.onCommand(command).then(
        () => this.#acknowledged.add(command.id),
        () => this.#taken.delete(command.id),
      );
    }
  }

  /** Ids to acknowledge; `confirmed` after a call that carried them was answered. */
  acknowledgements(): string[] {
    return [...this.#acknowledged].slice(-100);
  }

  confirmed(commandIds: string[]): void {
    for (const id of commandIds) {
      this.#acknowledged.delete(id);
      this.#taken.delete(id);
    }
  }

  /** Drops the session, so that the next loop shakes hands again (after sleep, or a change of settings). */
  renewSession(): void {
    this.#session = null;
    this.gate.reset();
  }

  /**
   * Acknowledges what was carried out when no other call will, tried once: a command that has ended this agent would
   * otherwise end the next one as well.
   */
  async acknowledge(timeoutMs: number): Promise<void> {
    const acknowledgedCommands = this.acknowledgements();
    if (this.#session === null || acknowledgedCommands.length === 0) return;
    try {
      const body = { sessionId: this.#session.sessionId, leases: [], acknowledgedCommands };
      await this.client.post('/internal/heartbeat', body, heartbeatResponse, { timeoutMs });
      this.confirmed(acknowledgedCommands);
    } catch (error) {
      this.log.warn('the hub did not hear that its commands were carried out', { problem: describeError(error) });
    }
  }

  /**
   * Gives leases back. Tried once within `timeoutMs`: the leases would expire by themselves anyway.
   * @returns whether the hub heard it
   */
  async goodbye(message: Omit<GoodbyeRequest, 'sessionId'>, timeoutMs: number): Promise<boolean> {
    const session = this.#session;
    if (session === null) return false;
    try {
      const body = { sessionId: session.sessionId, ...message };
      await this.client.post('/internal/goodbye', body, goodbyeResponse, { timeoutMs });
      return true;
    } catch (error) {
      this.log.warn('the hub did not hear the goodbye', { problem: describeError(error) });
      return false;
    }
  }

  /**
   * Leaves the hub for good: leases go back, and the secret is revoked. A hub that does not know this call is told
   * goodbye instead.
   */
  async leave(returnedLeases: GoodbyeRequest['returnedLeases'], timeoutMs: number): Promise<LeaveReport> {
    try {
      await this.client.post('/internal/leave', { returnedLeases }, leaveResponse, { timeoutMs });
      return { heard: true };
    } catch (error) {
      const isRevoked = error instanceof HubCallError && error.failure === 'refused' && error.code === 'revoked_worker';
      if (isRevoked) return { heard: true };
      this.log.warn('the hub has not revoked the secret', { problem: describeError(error) });
      await this.goodbye({ reason: 'leaving', returnedLeases }, timeoutMs);
      return { heard: false, error };
    }
  }

  /** Marks the link as over; the loops end. */
  end(): void {
    this.#session = null;
    this.#setState({ state: 'ended' });
  }

  async #shakeHands(signal: AbortSignal): Promise<HandshakeResponse> {
    const session = await this.call(() => shakeHands(this.client, this.listener.facts(), signal), signal);
    this.#session = session;
    this.log.info('connected to the hub', { workerId: session.workerId, session: session.sessionId });
    this.listener.onSession(session);
    const lost = session.lostLeases.map((leaseId) => ({ leaseId, reason: 'unknown' as const }));
    if (lost.length > 0) this.listener.onLostLeases(lost);
    return session;
  }

  /** The first lost session is renewed at once; a hub that loses each of them is asked less and less often. */
  #sessionDelayMs(): number {
    this.#lostSessions += 1;
    return this.#lostSessions === 1 ? 0 : Math.min(REFUSED_RETRY_MS, 500 * 2 ** this.#lostSessions);
  }

  #setState(state: LinkState): void {
    if (this.#state.state === 'ended') return;
    const changed = JSON.stringify(state) !== JSON.stringify(this.#state);
    this.#state = state;
    if (!changed) return;
    if ('reason' in state) this.log.warn('the hub cannot be worked with', { state: state.state, reason: state.reason });
    this.listener.onState(state);
  }
}
