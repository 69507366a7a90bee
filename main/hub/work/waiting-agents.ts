import type { Clock } from '../../protocol/ports.ts';
import type { RequestWorkRequest, RequestWorkResponse } from '../../protocol/request-work.ts';
import { HubRefusal } from '../refusal.ts';
import type { CommandStore } from '../store/command-store.ts';
import { TELL_AGAIN_AFTER_MS, type Session, type Sessions } from '../workers/sessions.ts';
import type { HandOut, Taker } from './hand-out.ts';
import type { LeaseKeeper } from './lease-keeper.ts';

/** What a held request ends with; null is `204`, nothing to say. */
type Answer = RequestWorkResponse | HubRefusal | null;

interface ParkedRequest {
  readonly session: Session;
  readonly request: RequestWorkRequest;
  readonly taker: Taker;
  readonly connection: Connection;
  answer(answer: Answer): void;
}

/** The line to the agent. */
export interface Connection {
  /** Aborts when the agent has hung up. */
  readonly closed: AbortSignal;
}

/**
 * Answers requests for work: at once when there is something to say, otherwise as soon as there is, otherwise with
 * nothing when the wait is over. One request of a worker is held at most.
 */
export class WaitingAgents {
  readonly #handOut: HandOut;
  readonly #keeper: LeaseKeeper;
  readonly #sessions: Sessions;
  readonly #commands: CommandStore;
  readonly #clock: Clock;
  readonly #maxWaitSeconds: number;
  /** By worker, longest waiting first. */
  readonly #parked = new Map<string, ParkedRequest>();
  #closing = false;

  constructor(options: {
    handOut: HandOut;
    keeper: LeaseKeeper;
    sessions: Sessions;
    commands: CommandStore;
    clock: Clock;
    maxWaitSeconds: number;
  }) {
    this.#handOut = options.handOut;
    this.#keeper = options.keeper;
    this.#sessions = options.sessions;
    this.#commands = options.commands;
    this.#clock = options.clock;
    this.#maxWaitSeconds = options.maxWaitSeconds;
  }

  get count(): number {
    return this.#parked.size;
  }

  isWaiting(workerId: string): boolean {
    return this.#parked.has(workerId);
  }

  /**
   * The answer to a request for work; null for `204`.
   * @throws HubRefusal when the session ends while the request is held
   */
  async request(
    session: Session,
    request: RequestWorkRequest,
    connection: Connection,
  ): Promise<RequestWorkResponse | null> {
    this.dismiss(session.workerId);
    const urgent = this.#urgent(session, request, 'now');
    if (urgent !== null) return urgent;
    const taker = this.#handOut.taker(session, request);
    this.#handOut.distribute([taker]);
    const waitSeconds = Math.min(request.waitSeconds, this.#maxWaitSeconds);
    if (taker.tasks.length > 0 || waitSeconds === 0 || this.#closing)
      return this.#complete(session, request, taker, 'now');
    // What was told a moment ago may have been told to a connection that was gone: it is told again soon.
    const waitMs = Math.min(waitSeconds * 1_000, this.#hasNews(session, request) ? TELL_AGAIN_AFTER_MS : Infinity);
    const answer = await this.#park({ session, request, taker, connection }, waitMs);
    if (answer instanceof HubRefusal) throw answer;
    return answer;
  }

  /** Work may be ready: deals it out among all who wait, the longest waiting first. */
  workIsReady(): void {
    if (this.#parked.size === 0) return;
    const waiting = [...this.#parked.values()].filter(({ connection }) => !connection.closed.aborted);
    this.#handOut.distribute(waiting.map(({ taker }) => taker));
    for (const parked of waiting) {
      if (parked.taker.tasks.length > 0) {
        parked.answer(this.#complete(parked.session, parked.request, parked.taker, 'earlier'));
      }
    }
  }

  /** There may be a command for this worker. */
  newsFor(workerId: string): void {
    const parked = this.#parked.get(workerId);
    if (parked === undefined) return;
    const urgent = this.#urgent(parked.session, parked.request, 'earlier');
    if (urgent !== null) parked.answer(urgent);
  }

  /**
   * This worker has lost a lease. Its held request ends in any case: if the lease has only run out, an agent that is
   * still there asks anew, which keeps the lease when nobody else was waiting for the job.
   */
  leaseLost(workerId: string): void {
    const parked = this.#parked.get(workerId);
    parked?.answer(this.#urgent(parked.session, parked.request, 'earlier'));
  }

  /** Ends the held request of a worker with nothing to say. */
  dismiss(workerId: string): void {
    this.#parked.get(workerId)?.answer(null);
  }

  /** Ends the held request of a worker whose session is over. */
  refuse(workerId: string, refusal: HubRefusal): void {
    this.#parked.get(workerId)?.answer(refusal);
  }

  /** Answers everybody with nothing, and from now on holds no request. */
  close(): void {
    this.#closing = true;
    for (const parked of this.#parked.values()) parked.answer(null);
  }

  #park(waiting: Omit<ParkedRequest, 'answer'>, waitMs: number): Promise<Answer> {
    const { workerId } = waiting.session;
    const over = new AbortController();
    return new Promise((resolve) => {
      const parked: ParkedRequest = {
        ...waiting,
        answer: (answer) => {
          if (over.signal.aborted) return;
          if (this.#parked.get(workerId) === parked) this.#parked.delete(workerId);
          waiting.connection.closed.removeEventListener('abort', hungUp);
          over.abort();
          resolve(answer);
        },
      };
      const hungUp = (): void => parked.answer(null);
      this.#parked.set(workerId, parked);
      waiting.connection.closed.addEventListener('abort', hungUp, { once: true });
      if (waiting.connection.closed.aborted) hungUp();
      void this.#clock.sleep(waitMs, over.signal).then(() => {
        if (!over.signal.aborted)
          parked.answer(this.#complete(waiting.session, waiting.request, waiting.taker, 'earlier'));
        return undefined;
      });
    });
  }

  #hasNews(session: Session, request: RequestWorkRequest): boolean {
    const lost = this.#keeper.findLost(session.workerId, request.heldLeases, 'now');
    return lost.length > 0 || this.#commands.open(session.workerId).length > 0;
  }

  /** What must be said without waiting, or null; `said` tells whether the request has just come. */
  #urgent(session: Session, request: RequestWorkRequest, said: 'now' | 'earlier'): RequestWorkResponse | null {
    const lostLeases = this.#keeper.findLost(session.workerId, request.heldLeases, said);
    const commands = this.#commands.open(session.workerId);
    const tasks = this.#handOut.giveAgain(request, session, new Set(request.heldLeases));
    let isNew = tasks.length > 0;
    for (const { leaseId } of lostLeases) isNew = this.#sessions.tell(session, leaseId) || isNew;
    for (const { id } of commands) isNew = this.#sessions.tell(session, id) || isNew;
    return isNew ? { tasks, lostLeases, commands } : null;
  }

  /** The answer with all that is worth saying beside the tasks. */
  #complete(
    session: Session,
    request: RequestWorkRequest,
    taker: Taker,
    said: 'now' | 'earlier',
  ): RequestWorkResponse | null {
    const lostLeases = this.#keeper.findLost(session.workerId, request.heldLeases, said);
    const commands = this.#commands.open(session.workerId);
    const isEmpty = taker.tasks.length === 0 && lostLeases.length === 0 && commands.length === 0;
    return isEmpty ? null : { tasks: taker.tasks, lostLeases, commands };
  }
}
