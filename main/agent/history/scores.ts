import { z } from 'zod';
import { parseRow } from '../queue/rows.ts';
import { AffordableCache } from './affordable-cache.ts';
import { type HistoryContext, storeVersion } from './history-context.ts';

const MOST_PAGES = 500;
const MOST_POINTS = 2_000;

const numbers = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(z.record(z.string(), z.number().nullable()));

/** 0 to 100 by category, as the audit has them. */
type Scores = z.output<typeof numbers>;

const pageRow = z.object({
  url: z.string(),
  formFactor: z.string(),
  audits: z.number().int(),
  lastAtMs: z.number().int(),
  scores: numbers,
});
const pointRow = z.object({ taskId: z.string(), atMs: z.number().int(), scores: numbers, metrics: numbers });

/** A page that was audited, with the scores of its latest audit. */
export type AuditedPage = z.output<typeof pageRow>;
/** One audit of a page. */
export type AuditPoint = z.output<typeof pointRow>;
export type { Scores };

/** With one `max`, the other columns are those of the row that has it (https://www.sqlite.org/lang_select.html#bareagg). */
export const PAGES_SQL = `
  SELECT url, formFactor, count(*) AS audits, max(atMs) AS lastAtMs, scores FROM pageScores
   GROUP BY url, formFactor`;

/** The audits of a page, newest first; its plan is asserted by a test. */
export const POINTS_SQL = `
  SELECT taskId, atMs, scores, metrics FROM pageScores WHERE url = ? AND formFactor = ?
   ORDER BY atMs DESC LIMIT ${MOST_POINTS}`;

/** Scores of pages over time. */
export function prepareScores(context: HistoryContext) {
  const { database, clock } = context;
  const readPages = database.prepare<[]>(PAGES_SQL);
  const readPoints = database.prepare<[string, string]>(POINTS_SQL);
  const cache = new AffordableCache<AuditedPage[]>({
    version: () => storeVersion(context),
    monotonicMs: () => clock.monotonicMs(),
  });

  return {
    /** Pages whose address has the text in it, the one that was audited last first. */
    pages: async (text: string): Promise<AuditedPage[]> => {
      const all = await cache.get('pages', () =>
        readPages
          .all()
          .map((row) => parseRow(pageRow, row, database.name, 'the scores of a page'))
          .sort((a, b) => b.lastAtMs - a.lastAtMs),
      );
      const wanted = text.toLowerCase();
      return all.filter(({ url }) => url.toLowerCase().includes(wanted)).slice(0, MOST_PAGES);
    },

    /** The audits of a page, oldest first. */
    points: (url: string, formFactor: string): AuditPoint[] =>
      readPoints
        .all(url, formFactor)
        .map((row) => parseRow(pointRow, row, database.name, 'a score'))
        .toReversed(),
  };
}
