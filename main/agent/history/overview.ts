import type { HistoryContext } from './history-context.ts';

/** A task that has ended, as a short list shows it. */
export interface EndedTask {
  taskId: string;
  type: string;
  url: string;
  status: 'completed' | 'failed' | 'cancelled';
  finishedAtMs: number;
}

/** A task that waits. */
export interface WaitingTask {
  taskId: string;
  type: string;
  url: string;
  runAtMs: number;
}

/** Tasks that ended last. All statements here are asserted to read a few rows of an index. */
export const RECENT_SQL = `
  SELECT id AS taskId, type, url, status, finishedAtMs FROM tasks
   WHERE finishedAtMs IS NOT NULL ORDER BY finishedAtMs DESC LIMIT @limit + 0`;

/** The first tasks of a lane in the order in which they are taken. */
export function nextSql(lane: 'page' | 'exclusive'): string {
  return `
    SELECT id AS taskId, type, url, runAtMs, priority FROM tasks
     WHERE finishedAtMs IS NULL AND status = 'pending' AND waitsForSite = 0 AND lane = '${lane}'
     ORDER BY priority, runAtMs, sequence LIMIT @limit + 0`;
}

/** Tasks that ended since a time, by how. Grouped by an expression, since grouping by the column leads to another index. */
export const ENDED_SQL = `
  SELECT status, count(*) AS count FROM tasks
   WHERE finishedAtMs >= ? AND finishedAtMs IS NOT NULL GROUP BY +status`;

/** What an overview shows beside what runs. */
export function prepareOverview({ database }: HistoryContext) {
  const recent = database.prepare<unknown[], EndedTask>(RECENT_SQL);
  const lanes = (['page', 'exclusive'] as const).map((lane) =>
    database.prepare<unknown[], WaitingTask & { priority: number }>(nextSql(lane)),
  );
  const ended = database.prepare<[number], { status: EndedTask['status']; count: number }>(ENDED_SQL);

  return {
    recent: (limit: number): EndedTask[] => recent.all({ limit }),

    /** The first of those that wait, of both lanes. */
    next: (limit: number): WaitingTask[] =>
      lanes
        .flatMap((lane) => lane.all({ limit }))
        .sort((a, b) => a.priority - b.priority || a.runAtMs - b.runAtMs)
        .slice(0, limit)
        .map(({ taskId, type, url, runAtMs }) => ({ taskId, type, url, runAtMs })),

    /** Tasks that ended since a time (Unix milliseconds). */
    endedSince: (sinceMs: number): Record<EndedTask['status'], number> => {
      const counts = { completed: 0, failed: 0, cancelled: 0 };
      for (const { status, count } of ended.all(sinceMs)) counts[status] = count;
      return counts;
    },
  };
}
