import type { HistoryContext } from './history-context.ts';

/** An hour of work. */
export interface ActivityBucket {
  fromMs: number;
  completed: number;
  failed: number;
  /** Half of the attempts took at most this; null without any. */
  medianDurationMs: number | null;
}

const HOUR_MS = 3_600_000;
const HOURS = 24;
/** No attempt may take longer than this: five audits of ten minutes, and what surrounds them. */
const LONGEST_ATTEMPT_MS = HOUR_MS;

interface BucketRow {
  outcome: 'completed' | 'failed';
  durationMs: number;
}

/** The attempts that ended in an hour, out of the index alone; its plan is asserted by a test. */
export const BUCKET_SQL = `
  SELECT outcome, durationMs FROM attempts
   WHERE startedAtMs >= @startedFromMs AND startedAtMs < @toMs
     AND startedAtMs + durationMs >= @fromMs AND startedAtMs + durationMs < @toMs AND outcome <> 'cancelled'`;

/** The last day by hours. Hours that are over do not change any more, so each is read once. */
export function prepareActivityBuckets({ database, clock, pause }: HistoryContext) {
  const read = database.prepare<unknown[], BucketRow>(BUCKET_SQL);
  const over = new Map<number, ActivityBucket>();

  const bucket = (fromMs: number): ActivityBucket => {
    const rows = read.all({ fromMs, toMs: fromMs + HOUR_MS, startedFromMs: fromMs - LONGEST_ATTEMPT_MS });
    const completed = rows.filter(({ outcome }) => outcome === 'completed').length;
    return { fromMs, completed, failed: rows.length - completed, medianDurationMs: median(rows) };
  };

  return async (): Promise<ActivityBucket[]> => {
    const presentMs = Math.floor(clock.nowMs() / HOUR_MS) * HOUR_MS;
    const firstMs = presentMs - (HOURS - 1) * HOUR_MS;
    for (const fromMs of over.keys()) if (fromMs < firstMs || fromMs >= presentMs) over.delete(fromMs);
    const buckets: ActivityBucket[] = [];
    for (let fromMs = firstMs; fromMs < presentMs; fromMs += HOUR_MS) {
      const known = over.get(fromMs);
      const hour = known ?? bucket(fromMs);
      buckets.push(hour);
      if (known !== undefined) continue;
      over.set(fromMs, hour);
      await pause();
    }
    return [...buckets, bucket(presentMs)];
  };
}

function median(rows: readonly BucketRow[]): number | null {
  const durations = rows.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  return durations[Math.floor((durations.length - 1) / 2)] ?? null;
}
