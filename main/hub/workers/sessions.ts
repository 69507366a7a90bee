import type { HandshakeRequest } from '../../protocol/handshake.ts';
import type { Clock } from '../../protocol/ports.ts';
import { createId } from '../create-id.ts';
import { HubRefusal } from '../refusal.ts';
import type { SessionEnd, SessionRow, SessionStore } from '../store/session-store.ts';

/** One start of one agent. A worker has one current session at most. */
export interface Session {
  readonly id: string;
  readonly workerId: string;
  readonly instanceId: string;
  readonly epoch: number;
  /** Tells two copies of one data folder apart, which have instance and epoch in common. */
  readonly startId: string;
  readonly startedAtMs: number;
  /** JSON of what the handshake said of the machine. */
  readonly facts: string;
  /** When each lost lease and command was last told, in monotonic milliseconds; see `toldRecently`. */
  readonly toldAtMs: Map<string, number>;
}

/** How long an agent has to act on what it was told before it is told again. */
export const TELL_AGAIN_AFTER_MS = 1_000;

/** Which start of which agent speaks for a worker. */
export class Sessions {
  readonly #store: SessionStore;
  readonly #clock: Clock;
  readonly #current = new Map<string, Session>();

  constructor(store: SessionStore, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    for (const row of store.allCurrent()) this.#current.set(row.worker_id, sessionOf(row));
  }

  current(workerId: string): Session | undefined {
    return this.#current.get(workerId);
  }

  /**
   * The named session, if it still speaks for the worker.
   * @throws HubRefusal `superseded`, `session_unknown`
   */
  require(workerId: string, sessionId: string): Session {
    const current = this.#current.get(workerId);
    if (current?.id === sessionId) return current;
    const row = this.#store.byId(sessionId);
    if (row?.worker_id === workerId && row.ended === 'superseded') {
      throw new HubRefusal('superseded', 'A newer start of this worker has taken over.');
    }
    throw new HubRefusal('session_unknown', 'The session is over. Shake hands again.');
  }

  /**
   * Starts a session in place of the current one. To be called inside the transaction that also settles the leases;
   * call `take` when it is committed.
   * @throws HubRefusal `superseded` for an epoch that is older than one of the same instance, and for a start that
   *   another one has taken over from: two copies of one data folder would otherwise throw each other out without end
   */
  begin(workerId: string, handshake: HandshakeRequest): Session {
    if (handshake.epoch < this.#store.highestEpoch(workerId, handshake.instanceId)) {
      throw new HubRefusal('superseded', 'A newer start of this agent has shaken hands already.');
    }
    const { instanceId, epoch, startId } = handshake;
    if (this.#store.wasSuperseded({ workerId, instanceId, epoch, startId })) {
      throw new HubRefusal('superseded', 'Another start of this worker has taken over.');
    }
    const nowMs = this.#clock.nowMs();
    const current = this.#current.get(workerId);
    if (current !== undefined) {
      this.#store.end(current.id, this.isSameStart(current, handshake) ? 'goodbye' : 'superseded', nowMs);
    }
    const { agentVersion, operatingSystem, cpuCount, memoryBytes, browsers, taskTypes } = handshake;
    const row = {
      id: createId('session', nowMs),
      workerId,
      instanceId,
      epoch,
      startId,
      startedAtMs: nowMs,
      facts: JSON.stringify({ agentVersion, operatingSystem, cpuCount, memoryBytes, browsers, taskTypes }),
    };
    this.#store.insert(row);
    return { ...row, toldAtMs: new Map() };
  }

  /**
   * Whether a handshake is from the very start of the agent that has the session: it shakes hands again after an answer
   * was lost, and nobody has taken over from it.
   */
  isSameStart(session: Session, handshake: HandshakeRequest): boolean {
    return (
      session.instanceId === handshake.instanceId &&
      session.epoch === handshake.epoch &&
      session.startId === handshake.startId
    );
  }

  /** Makes a session that was begun the one that speaks for its worker. */
  take(session: Session): void {
    this.#current.set(session.workerId, session);
  }

  end(session: Session, ended: SessionEnd): void {
    this.#store.end(session.id, ended, this.#clock.nowMs());
    if (this.#current.get(session.workerId) === session) this.#current.delete(session.workerId);
  }

  /**
   * Whether the session was told this (a lost lease, a command) a moment ago, and takes note that it is told now if
   * not. Without it, an agent that needs a second to act on what it was told would be answered in a busy loop.
   */
  tell(session: Session, id: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const toldAtMs = session.toldAtMs.get(id);
    if (toldAtMs !== undefined && nowMs - toldAtMs < TELL_AGAIN_AFTER_MS) return false;
    if (session.toldAtMs.size > 20_000) session.toldAtMs.clear();
    session.toldAtMs.set(id, nowMs);
    return true;
  }
}

function sessionOf(row: SessionRow): Session {
  return {
    id: row.id,
    workerId: row.worker_id,
    instanceId: row.instance_id,
    epoch: row.epoch,
    startId: row.start_id,
    startedAtMs: row.started_at_ms,
    facts: row.facts,
    toldAtMs: new Map(),
  };
}
