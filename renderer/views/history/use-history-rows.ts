import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import type { CallAnswer, HistoryFilter, HistoryRow } from '../../../preload/contract.ts';
import { useClient } from '../../state/legwork-context.tsx';
import { readKey } from '../../state/reads.ts';
import type { CallError } from '../../transport/client.ts';

const PAGE_ROWS = 100;
const READ_AHEAD_ROWS = 50;
const KEPT_MS = 60_000;

/** Numbers of the first and last page that are wanted. */
export interface PageRange {
  from: number;
  to: number;
}

export const FIRST_PAGE: PageRange = { from: 0, to: 0 };

/** The pages that hold some rows of the list and those soon to come. */
export function pagesOf(first: number, last: number): PageRange {
  return {
    from: Math.max(0, Math.floor((first - READ_AHEAD_ROWS) / PAGE_ROWS)),
    to: Math.floor((last + READ_AHEAD_ROWS) / PAGE_ROWS),
  };
}

/** The rows of a list that is read in pages. The first page is always there: it says how many rows there are. */
export function useHistoryRows({ filter, pages: wanted }: { filter: HistoryFilter; pages: PageRange }) {
  const client = useClient();
  const pageOf = (offset: number) => ({
    queryKey: readKey('history', { filter, offset, limit: PAGE_ROWS }),
    queryFn: () => client.call('history', { filter, offset, limit: PAGE_ROWS }),
    gcTime: KEPT_MS,
  });
  // Until a new filter is answered the rows of the one before stay, so that nothing flickers.
  const top = useQuery<CallAnswer<'history'>, CallError>({ ...pageOf(0), placeholderData: keepPreviousData });
  const total = top.data?.total ?? null;
  const lastPage = Math.max(0, Math.ceil((total ?? 0) / PAGE_ROWS) - 1);
  const from = Math.max(1, wanted.from);
  const to = Math.min(lastPage, wanted.to);
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const pages = useQueries({
    queries: numbers.map((page) => ({ ...pageOf(page * PAGE_ROWS), enabled: !top.isPlaceholderData })),
  });

  const rowAt = (index: number): HistoryRow | undefined => {
    const page = Math.floor(index / PAGE_ROWS);
    const data = page === 0 ? top.data : pages[page - from]?.data;
    return data?.rows[index % PAGE_ROWS];
  };
  const failed = pages.find((page) => page.isError);
  return {
    total,
    rowAt,
    isOld: top.isPlaceholderData,
    /** Some of the wanted rows are still to come. */
    isReading: top.isPending || pages.some((page) => page.data === undefined && !page.isError),
    error: top.error ?? (failed?.error as CallError | null | undefined) ?? null,
    retry: () => {
      void top.refetch();
      for (const page of pages) if (page.isError) void page.refetch();
    },
  };
}
