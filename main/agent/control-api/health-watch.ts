import type { Lane } from '../../protocol/fields.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { AgentEvent, AgentSnapshot } from '../agent-events.ts';
import { type AttemptVerdict, HEALTH_LIMITS, judgeHealth } from './judge-health.ts';
import type { HealthProblem } from './messages.ts';

type Finished = Extract<AgentEvent, { kind: 'finished' }>;
type AttemptEnd = Finished['outcome'];

const LOOK_INTERVAL_MS = 15_000;

/** What is watched; an Agent. */
export interface WatchedAgent {
  snapshot(): Pick<AgentSnapshot, 'activity' | 'health' | 'hubUrl' | 'limits' | 'link' | 'running'>;
  subscribe(listener: (event: AgentEvent) => void): () => void;
  readonly queue: {
    get(taskId: string): { error: { class: string } | null } | null;
    nextRunAtMs(lane: Lane): number | null;
  };
}

/** Watches an agent for what only shows over time: how long the hub is away, how attempts end, whether work starts. */
export class HealthWatch {
  readonly startedAtMs: number;
  readonly #agent: WatchedAgent;
  readonly #clock: Clock;
  readonly #attempts: AttemptVerdict[] = [];
  readonly #ends: Record<AttemptEnd, number> = { completed: 0, failed: 0, retry: 0, interrupted: 0, ignored: 0 };
  #link: { state: string; reason: string | null; sinceMs: number };
  #dueAndIdleSinceMs: number | null = null;
  readonly #timer: NodeJS.Timeout;
  readonly #unsubscribe: () => void;

  constructor(agent: WatchedAgent, clock: Clock) {
    this.#agent = agent;
    this.#clock = clock;
    this.startedAtMs = clock.nowMs();
    this.#link = this.#linkNow();
    this.#unsubscribe = agent.subscribe((event) => this.#hear(event));
    this.#timer = setInterval(() => this.#look(), LOOK_INTERVAL_MS);
    this.#timer.unref();
  }

  /** How attempts of this start have ended. */
  get attemptEnds(): Readonly<Record<AttemptEnd, number>> {
    return this.#ends;
  }

  /** What is wrong now; empty when all is well. */
  problems(): HealthProblem[] {
    this.#look();
    const { health, hubUrl } = this.#agent.snapshot();
    return judgeHealth({
      nowMs: this.#clock.nowMs(),
      hub: hubUrl === null ? null : this.#link,
      attempts: this.#attempts,
      ...health,
      dueAndIdleSinceMs: this.#dueAndIdleSinceMs,
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#unsubscribe();
  }

  #hear(event: AgentEvent): void {
    if (event.kind === 'link') this.#noteLink();
    if (event.kind === 'started') this.#dueAndIdleSinceMs = null;
    if (event.kind !== 'finished') return;
    this.#ends[event.outcome] += 1;
    const verdict = this.#verdictOn(event);
    if (verdict === null) return;
    this.#attempts.push(verdict);
    if (this.#attempts.length > HEALTH_LIMITS.failedAttempts) this.#attempts.shift();
  }

  #verdictOn({ taskId, outcome }: Finished): AttemptVerdict | null {
    if (outcome === 'interrupted' || outcome === 'ignored') return null;
    if (outcome === 'completed') return 'ok';
    return this.#agent.queue.get(taskId)?.error?.class === 'infrastructure' ? 'infrastructure' : 'other';
  }

  #linkNow(): { state: string; reason: string | null; sinceMs: number } {
    const { link } = this.#agent.snapshot();
    return { state: link.state, reason: 'reason' in link ? link.reason : null, sinceMs: this.#clock.nowMs() };
  }

  /** Between two states in which the hub does not answer, it has not answered all the time. */
  #noteLink(): void {
    const now = this.#linkNow();
    const isAway = (state: string): boolean => state === 'offline' || state === 'connecting';
    const wentOn = now.state === this.#link.state || (isAway(now.state) && isAway(this.#link.state));
    this.#link = { ...now, sinceMs: wentOn ? this.#link.sinceMs : now.sinceMs };
  }

  #look(): void {
    this.#noteLink();
    const { activity, limits, health, running } = this.#agent.snapshot();
    const mayStart =
      activity === 'idle' &&
      limits.mayWork &&
      health.disk === null &&
      health.store === null &&
      !health.isBrowserMissing;
    const nowMs = this.#clock.nowMs();
    const isDue = (['page', 'exclusive'] as const).some((lane) => {
      const nextMs = this.#agent.queue.nextRunAtMs(lane);
      return nextMs !== null && nextMs <= nowMs;
    });
    if (mayStart && isDue && running.length === 0) this.#dueAndIdleSinceMs ??= nowMs;
    else this.#dueAndIdleSinceMs = null;
  }
}
