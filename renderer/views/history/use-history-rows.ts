import { keepPreviousData, useQueries, useQuery } from '@tanstack/react-query';
import type { CallAnswer, HistoryFilter, HistoryRow } from '../../../preload/contract.ts';
import { useClient } from '../../state/legwork-context.tsx';
import { readKey } from '../../state/reads.ts';
import type { CallError } from '../../transport/client.ts';

const PAGE_ROWS = 100;
const KEPT_MS = 60_000;

interface Wanted {
  filter: HistoryFilter;
  /** The first and last row that are shown. */
  first: number;
  last: number;
  /** Rows fly by: only those that are there already are shown. */
  isFlying: boolean;
}

/** The rows of a list that is read in pages, those that are shown and one page around them. */
export function useHistoryRows({ filter, first, last, isFlying }: Wanted) {
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
  const from = Math.max(1, Math.floor(first / PAGE_ROWS) - 1);
  const to = Math.min(lastPage, Math.floor(last / PAGE_ROWS) + 1);
  const numbers = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
  const pages = useQueries({
    queries: numbers.map((page) => ({ ...pageOf(page * PAGE_ROWS), enabled: !isFlying && !top.isPlaceholderData })),
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
    error: top.error ?? (failed?.error as CallError | null | undefined) ?? null,
    retry: () => {
      void top.refetch();
      for (const page of pages) if (page.isError) void page.refetch();
    },
  };
}
