import type { CallHandlers, HistoryFilter, HistoryRow } from '../../../preload/contract.ts';
import type { AttemptFilter } from '../../agent/history/attempt-filter.ts';
import type { ListedAttempt } from '../../agent/history/attempt-rows.ts';
import { displayHost } from '../snapshot/display-host.ts';
import type { CallContext } from './call-context.ts';
import { writeHistoryFile } from '../export/write-history-file.ts';

type HistoryCalls = Pick<
  CallHandlers,
  'history' | 'historyFacets' | 'exportHistory' | 'activityChart' | 'scoredPages' | 'scores'
>;

/** Calls about what has been done. */
export function historyCalls({ history, shell, clock }: CallContext): HistoryCalls {
  return {
    history: async ({ filter, offset, limit }) => {
      const { rows, total } = await history.required().list(attemptFilter(filter), offset, limit);
      return { rows: rows.map(historyRow), total };
    },

    historyFacets: () => history.required().facets(),

    exportHistory: ({ format, filter }) => {
      const door = history.required();
      const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
      return shell.saveFile(`legwork-history-${day}.${format}`, (path) =>
        writeHistoryFile(path, format, door.walk(attemptFilter(filter))),
      );
    },

    activityChart: () => history.required().activity(),

    scoredPages: async ({ text }) =>
      (await history.required().auditedPages(text)).map(({ scores, ...page }) => ({
        ...page,
        host: displayHost(page.url),
        categories: fractions(scores),
      })),

    scores: ({ url, formFactor }) =>
      history
        .required()
        .auditPoints(url, formFactor)
        .map(({ scores, ...point }) => ({ ...point, categories: fractions(scores) })),
  };
}

function attemptFilter({ host, ...filter }: HistoryFilter): AttemptFilter {
  return { ...filter, site: host };
}

function historyRow({ site, number, ...attempt }: ListedAttempt): HistoryRow {
  return { ...attempt, attemptNumber: number, host: site === '' ? displayHost(attempt.url) : site };
}

/** Audits count from 0 to 100. */
function fractions(scores: Record<string, number | null>): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(scores).map(([category, score]) => [category, score === null ? null : score / 100]),
  );
}
