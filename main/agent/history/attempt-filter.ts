/** Which attempts a list shows. null, or an empty text: whatever it is. */
export interface AttemptFilter {
  /** Part of the URL or of the task's id, upper and lower case alike. */
  text: string;
  type: string | null;
  outcome: 'completed' | 'failed' | 'cancelled' | 'running' | null;
  /** Host name of the URL, lower case. */
  site: string | null;
  /** Started at this time or later, Unix milliseconds. */
  fromMs: number | null;
  /** Started before this time. */
  toMs: number | null;
}

/** The place of an attempt in a list, which is ordered by it, newest first. */
export interface AttemptKey {
  startedAtMs: number;
  taskId: string;
  number: number;
}

/** Before the newest attempt. */
export const LIST_START: AttemptKey = { startedAtMs: Number.MAX_SAFE_INTEGER, taskId: '', number: 0 };

/** The filter's values for statements that are made by `attemptConditions`. */
export function filterParameters(filter: AttemptFilter): Record<string, string | number> {
  return {
    fromMs: filter.fromMs ?? 0,
    toMs: filter.toMs ?? Number.MAX_SAFE_INTEGER,
    type: filter.type ?? '',
    outcome: filter.outcome ?? '',
    site: filter.site ?? '',
    pattern: `%${filter.text.replace(/[\\%_]/g, String.raw`\$&`)}%`,
  };
}

/** Conditions on ended attempts that the index `attempts_by_start` answers by itself. */
export function attemptConditions(filter: AttemptFilter): string {
  const conditions = ['startedAtMs >= @fromMs', 'startedAtMs < @toMs'];
  if (filter.type !== null) conditions.push('type = @type');
  if (filter.outcome !== null) conditions.push('outcome = @outcome');
  if (filter.site !== null) conditions.push('site = @site');
  return conditions.join(' AND ');
}

/** Negative: a comes first in a list. */
export function compareKeys(a: AttemptKey, b: AttemptKey): number {
  if (a.startedAtMs !== b.startedAtMs) return b.startedAtMs - a.startedAtMs;
  if (a.taskId !== b.taskId) return a.taskId < b.taskId ? 1 : -1;
  return b.number - a.number;
}
