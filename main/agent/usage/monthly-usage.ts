import type { Clock } from '../../protocol/ports.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import type { UsageStore } from '../queue/usage.ts';
import type { MonthUsage, UsageQuota } from './usage-amounts.ts';

type QuotaSettings = Pick<AgentConfig, 'monthlyTaskQuota' | 'monthlyBrowserMinutesQuota' | 'monthlyTrafficQuotaBytes'>;

const REFRESH_MS = 10_000;

/** What a month may cost, as the host has set it; 0 there is: as much as there is. */
export function quotaOf(settings: QuotaSettings): UsageQuota {
  const orNull = (amount: number): number | null => (amount === 0 ? null : amount);
  const minutes = orNull(settings.monthlyBrowserMinutesQuota);
  return {
    tasks: orNull(settings.monthlyTaskQuota),
    browserTimeMs: minutes === null ? null : minutes * 60_000,
    bytes: orNull(settings.monthlyTrafficQuotaBytes),
  };
}

/** This month's usage, kept at hand: it is asked for before each start of a task, and changes when one ends. */
export class MonthlyUsage {
  readonly #store: Pick<UsageStore, 'thisMonth'>;
  readonly #settings: Readonly<QuotaSettings>;
  readonly #clock: Clock;
  #kept: { usage: Omit<MonthUsage, 'quota'>; readAtMs: number } | null = null;

  /** @param settings read anew each time, so that a change applies at once */
  constructor(store: Pick<UsageStore, 'thisMonth'>, settings: Readonly<QuotaSettings>, clock: Clock) {
    this.#store = store;
    this.#settings = settings;
    this.#clock = clock;
  }

  get current(): MonthUsage {
    const nowMs = this.#clock.nowMs();
    const kept = this.#kept;
    const isFresh = kept !== null && Math.abs(nowMs - kept.readAtMs) < REFRESH_MS && nowMs < kept.usage.resetsAtMs;
    const usage = isFresh ? kept.usage : this.#store.thisMonth();
    if (!isFresh) this.#kept = { usage, readAtMs: nowMs };
    return { ...usage, quota: quotaOf(this.#settings) };
  }

  /** A task has ended. */
  changed(): void {
    this.#kept = null;
  }
}
