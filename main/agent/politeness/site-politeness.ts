import { describeError } from '../../protocol/describe-error.ts';
import type { Lane } from '../../protocol/fields.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import type { SiteGate, Turn } from '../queue/site-turns.ts';
import { asksForLess, slowdownAfter } from './slowdown.ts';
import { readSlowdowns, writeSlowdowns, type NoteStore, type StoredSlowdowns } from './slowdown-memory.ts';

/** How a machine behaves towards one site, whatever the tasks are and whoever wants them. */
export interface SiteLimits {
  /** Tasks of one site at the same time. */
  concurrency: number;
  /** Least time between the starts of two tasks of one site, milliseconds. */
  intervalMs: number;
  /** A site's Retry-After is heeded up to this, milliseconds. */
  longestPauseMs: number;
}

/** The limits as the host has configured them. */
export function siteLimitsOf(
  config: Pick<AgentConfig, 'siteConcurrency' | 'siteIntervalMs' | 'siteLongestPauseMs'>,
): SiteLimits {
  const { siteConcurrency, siteIntervalMs, siteLongestPauseMs } = config;
  return { concurrency: siteConcurrency, intervalMs: siteIntervalMs, longestPauseMs: siteLongestPauseMs };
}

/** How a page's site has answered. */
export interface SiteAnswer {
  site: string;
  /** HTTP status of a document. */
  status: number;
  /** Its Retry-After, milliseconds from now; null without one. */
  retryAfterMs: number | null;
}

/** A site that has asked for less, for those who show it. */
export interface SlowSite {
  site: string;
  /** Unix milliseconds. */
  untilMs: number;
}

interface SiteState {
  running: number;
  /** Of these, those that have not begun their visit: a browser that starts takes its time. */
  arriving: number;
  /** Monotonic milliseconds. */
  lastStartMs: number;
  closedUntilMs: number;
  strikes: number;
}

/** Where tasks that were set aside come back from; the queue. */
export interface SetAsideTasks {
  releaseSite(lane: Lane, site: string, room: number): number;
}

/** A site whose tasks were put back in line and did not start: it is looked at again after this long. */
const LOOK_AGAIN_MS = 5_000;
/** Sites that are remembered although nothing is known of them any more are forgotten beyond this many. */
const REMEMBERED_SITES = 1_000;

/**
 * Keeps the machine polite towards sites: how many tasks visit one at once, how soon after each other they start, and
 * a pause for one that asks for less. Tasks whose site is closed are set aside in the queue; `release` brings them back
 * when it opens.
 */
export class SitePoliteness {
  readonly #limits: () => SiteLimits;
  readonly #notes: NoteStore;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #sites = new Map<string, SiteState>();
  /** Sites that have tasks set aside, and when some of these were put back in line (monotonic; null: not yet). */
  readonly #waiting = { page: new Map<string, number | null>(), exclusive: new Map<string, number | null>() };
  /** The site of the exclusive task that waits at the head of its line. */
  #heldSite: string | null = null;
  #hasNews = false;

  /** @param options.limits asked each time, since the host may change them */
  constructor(options: { limits: () => SiteLimits; notes: NoteStore; clock: Clock; log: Log }) {
    this.#limits = options.limits;
    this.#notes = options.notes;
    this.#clock = options.clock;
    this.#log = options.log;
    const nowMs = options.clock.nowMs();
    for (const [site, { untilMs, strikes }] of Object.entries(readSlowdowns(options.notes))) {
      // The clock may have been set meanwhile: no site stays closed for longer than a pause may be.
      const leftMs = Math.min(untilMs - nowMs, options.limits().longestPauseMs);
      if (leftMs <= 0) continue;
      const state = this.#state(site);
      state.strikes = strikes;
      state.closedUntilMs = options.clock.monotonicMs() + leftMs;
    }
  }

  /**
   * For one look at the line, or one claim: what it lets start it counts as if it ran already. An exclusive task runs
   * when nothing else does, so that only time can keep it; it waits out an interval at the head of its line, since pages
   * of its site that keep starting would push it aside for ever.
   */
  gate(lane: Lane): SiteGate {
    const admitted = new Map<string, number>();
    if (lane === 'exclusive') this.#heldSite = null;
    const turnOf = (site: string): Turn => {
      const before = admitted.get(site) ?? 0;
      if (lane === 'exclusive') {
        if (this.#pausedForMs(site) > 0) return 'set_aside';
        if (before === 0 && this.#closedForMs(site) === 0) return 'start';
        this.#heldSite = site;
        return 'hold';
      }
      if (this.#closedForMs(site) > 0 || before >= this.#room(site)) return 'set_aside';
      return before > 0 && this.#limits().intervalMs > 0 ? 'set_aside' : 'start';
    };
    return {
      turnOf: (site) => {
        const turn = turnOf(site);
        if (turn === 'start') admitted.set(site, (admitted.get(site) ?? 0) + 1);
        if (turn === 'set_aside') {
          this.#waiting[lane].set(site, null);
          this.#hasNews = true;
        }
        return turn;
      },
    };
  }

  /** Whether tasks were set aside since the last time that this was asked: others may be wanted in their place. */
  takeNews(): boolean {
    const hadNews = this.#hasNews;
    this.#hasNews = false;
    return hadNews;
  }

  /** A task of this site has started. */
  started(site: string): void {
    if (site === '') return;
    this.#forgetSome();
    const state = this.#state(site);
    state.running += 1;
    state.arriving += 1;
    state.lastStartMs = this.#clock.monotonicMs();
    for (const waiting of [this.#waiting.page, this.#waiting.exclusive]) {
      if (waiting.has(site)) waiting.set(site, null);
    }
  }

  /** A task that has started begins its visit: from now on, intervals count for what the site sees. Once a task. */
  arrived(site: string): void {
    const state = this.#sites.get(site);
    if (state === undefined) return;
    state.arriving = Math.max(0, state.arriving - 1);
    state.lastStartMs = this.#clock.monotonicMs();
  }

  /** A task of this site has left it. @param hasArrived whether it had begun its visit */
  ended(site: string, hasArrived = false): void {
    const state = this.#sites.get(site);
    if (state === undefined) return;
    state.running = Math.max(0, state.running - 1);
    if (!hasArrived) state.arriving = Math.max(0, state.arriving - 1);
  }

  /** A site has answered: one that asks for less is left alone for a while, any other answer ends its probation. */
  answered({ site, status, retryAfterMs }: SiteAnswer): void {
    if (site === '') return;
    const known = this.#sites.get(site);
    if (!asksForLess(status)) {
      if (known === undefined || known.strikes === 0 || this.#pausedForMs(site) > 0) return;
      known.strikes = 0;
      this.#remember();
      return;
    }
    const state = this.#state(site);
    const { longestPauseMs } = this.#limits();
    // Answers to pages that were under way together count once.
    const earlierStrikes = this.#pausedForMs(site) > 0 ? Math.max(0, state.strikes - 1) : state.strikes;
    const { strikes, pauseMs } = slowdownAfter({ earlierStrikes, retryAfterMs, longestPauseMs });
    state.strikes = strikes;
    state.closedUntilMs = Math.max(state.closedUntilMs, this.#clock.monotonicMs() + pauseMs);
    this.#log.info('a site asks for fewer visits', { site, status, pauseMs });
    this.#remember();
  }

  /** Begins a look at the lines: puts tasks back whose site has opened. Cheap when none has. */
  release(tasks: SetAsideTasks): void {
    const nowMs = this.#clock.monotonicMs();
    this.#heldSite = null;
    for (const lane of ['page', 'exclusive'] as const) {
      const waiting = this.#waiting[lane];
      for (const [site, releasedAtMs] of waiting) {
        if (releasedAtMs !== null && nowMs - releasedAtMs < LOOK_AGAIN_MS) continue;
        const room = lane === 'page' ? this.#room(site) : 1;
        if (room === 0 || this.#shutForMs(lane, site) > 0) continue;
        if (tasks.releaseSite(lane, site, room) === 0) waiting.delete(site);
        else waiting.set(site, nowMs);
      }
    }
  }

  /**
   * Milliseconds until `release` and a claim should be tried again though nothing else happens; null: no need. A site
   * that has opened since the last look is one to look at now: nothing else may ever come.
   */
  nextOpeningMs(): number | null {
    const nowMs = this.#clock.monotonicMs();
    const waitsMs = this.#heldSite === null ? [] : [this.#closedForMs(this.#heldSite)];
    for (const lane of ['page', 'exclusive'] as const) {
      for (const [site, releasedAtMs] of this.#waiting[lane]) {
        const shutForMs = this.#shutForMs(lane, site);
        // With time on its side it waits for another task of its site to end, which wakes whoever asks.
        if (shutForMs === 0 && lane === 'page' && this.#room(site) === 0) continue;
        waitsMs.push(Math.max(shutForMs, releasedAtMs === null ? 0 : releasedAtMs + LOOK_AGAIN_MS - nowMs));
      }
    }
    return waitsMs.length === 0 ? null : Math.max(1, Math.ceil(Math.min(...waitsMs)));
  }

  /** Sites that have asked for less and are left alone now. */
  slowSites(): SlowSite[] {
    const nowMs = this.#clock.nowMs();
    return [...this.#sites.keys()]
      .map((site) => ({ site, untilMs: Math.ceil(nowMs + this.#pausedForMs(site)) }))
      .filter(({ untilMs }) => untilMs > nowMs);
  }

  /** How many more tasks of the site may run now; one at a time until a site that asked for less is well again. */
  #room(site: string): number {
    const state = this.#sites.get(site);
    const limit = (state?.strikes ?? 0) > 0 ? 1 : this.#limits().concurrency;
    return Math.max(0, limit - (state?.running ?? 0));
  }

  /** How long time alone keeps tasks of this lane and site set aside. */
  #shutForMs(lane: Lane, site: string): number {
    return lane === 'page' ? this.#closedForMs(site) : this.#pausedForMs(site);
  }

  #pausedForMs(site: string): number {
    return Math.max(0, (this.#sites.get(site)?.closedUntilMs ?? 0) - this.#clock.monotonicMs());
  }

  #closedForMs(site: string): number {
    const state = this.#sites.get(site);
    if (state === undefined) return 0;
    const nowMs = this.#clock.monotonicMs();
    const lastVisitMs = state.arriving > 0 ? nowMs : state.lastStartMs;
    return Math.max(0, Math.max(state.closedUntilMs, lastVisitMs + this.#limits().intervalMs) - nowMs);
  }

  #state(site: string): SiteState {
    const known = this.#sites.get(site);
    if (known !== undefined) return known;
    const state: SiteState = {
      running: 0,
      arriving: 0,
      lastStartMs: Number.NEGATIVE_INFINITY,
      closedUntilMs: 0,
      strikes: 0,
    };
    this.#sites.set(site, state);
    return state;
  }

  #forgetSome(): void {
    if (this.#sites.size < REMEMBERED_SITES) return;
    for (const [site, { running, strikes }] of this.#sites) {
      if (running === 0 && strikes === 0 && this.#closedForMs(site) === 0) this.#sites.delete(site);
    }
  }

  #remember(): void {
    const slowdowns: StoredSlowdowns = {};
    for (const { site, untilMs } of this.slowSites()) {
      slowdowns[site] = { untilMs, strikes: this.#sites.get(site)?.strikes ?? 1 };
    }
    try {
      writeSlowdowns(this.#notes, slowdowns);
    } catch (error) {
      this.#log.warn('slow sites could not be written down', { problem: describeError(error) });
    }
  }
}
