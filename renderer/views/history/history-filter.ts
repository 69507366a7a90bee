import { historyFilter, type HistoryFilter } from '../../../preload/contract.ts';
import { startOfDayMs } from '../../format/time.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** What the list is narrowed to, as it stands in the address. Empty texts: any. */
export interface ListFilter {
  text: string;
  type: string;
  outcome: string;
  host: string;
  /** `hour`, `today`, `week`, `month`, `days` (with `from` and `to`), or empty. */
  range: string;
  /** `2026-11-22`; both days are included. */
  from: string;
  to: string;
}

export const NO_FILTER: ListFilter = { text: '', type: '', outcome: '', host: '', range: '', from: '', to: '' };

/** Reads what an address says; what is not in it is any. */
export function readListFilter(parameters: URLSearchParams): ListFilter {
  const filter = { ...NO_FILTER };
  for (const key of Object.keys(NO_FILTER) as (keyof ListFilter)[]) filter[key] = parameters.get(key) ?? '';
  return filter;
}

/** The parameters of an address, without those that say nothing. */
export function writeListFilter(filter: ListFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''));
}

/** What is asked of the agent. @param anchorMs attempts from this time on are not in the list, so that rows keep their place */
export function toHistoryFilter(filter: ListFilter, anchorMs: number): HistoryFilter {
  const outcome = historyFilter.shape.outcome.safeParse(filter.outcome === '' ? null : filter.outcome);
  const { fromMs, toMs } = timeRange(filter, anchorMs);
  return {
    text: filter.text.slice(0, 500),
    type: filter.type === '' ? null : filter.type,
    outcome: outcome.success ? outcome.data : null,
    host: filter.host === '' ? null : filter.host,
    fromMs,
    toMs: Math.min(toMs ?? anchorMs, anchorMs),
  };
}

function timeRange(filter: ListFilter, nowMs: number): { fromMs: number | null; toMs: number | null } {
  switch (filter.range) {
    case 'hour':
      return { fromMs: nowMs - HOUR_MS, toMs: null };
    case 'today':
      return { fromMs: new Date(nowMs).setHours(0, 0, 0, 0), toMs: null };
    case 'week':
      return { fromMs: nowMs - 7 * DAY_MS, toMs: null };
    case 'month':
      return { fromMs: nowMs - 30 * DAY_MS, toMs: null };
    case 'days': {
      const firstDayMs = startOfDayMs(filter.from);
      const lastDayMs = startOfDayMs(filter.to);
      return {
        fromMs: firstDayMs === null ? null : sinceTheEpoch(firstDayMs),
        toMs: lastDayMs === null ? null : sinceTheEpoch(endOfDayMs(lastDayMs)),
      };
    }
    default:
      return { fromMs: null, toMs: null };
  }
}

/** Whoever types a year is in the year 2, 20 and 202 on the way. */
function sinceTheEpoch(atMs: number): number {
  return Math.max(0, atMs);
}

/** Days have 23 or 25 hours where clocks are changed. */
function endOfDayMs(startMs: number): number {
  return new Date(startMs).setHours(24, 0, 0, 0);
}
