import { expect, it } from 'vitest';
import { historyFilter } from '../../../preload/contract.ts';
import {
  NO_FILTER,
  readListFilter,
  toHistoryFilter,
  writeListFilter,
} from '../../../renderer/views/history/history-filter.ts';

const NOW_MS = new Date(2026, 10, 22, 14, 5).getTime();

it('survives the way through an address', () => {
  const filter = { ...NO_FILTER, text: 'a&b=ü #1', outcome: 'failed', range: 'days', from: '2026-11-01' };
  const address = new URLSearchParams(writeListFilter(filter)).toString();
  expect(readListFilter(new URLSearchParams(address))).toEqual(filter);
});

it('takes an outcome that nobody knows for any', () => {
  expect(toHistoryFilter({ ...NO_FILTER, outcome: 'exploded' }, NOW_MS).outcome).toBeNull();
});

it('never lists what came after the anchor, so that rows keep their place', () => {
  expect(toHistoryFilter(NO_FILTER, NOW_MS).toMs).toBe(NOW_MS);
  expect(toHistoryFilter({ ...NO_FILTER, range: 'days', to: '2026-12-31' }, NOW_MS).toMs).toBe(NOW_MS);
});

it('includes the whole of the last day', () => {
  const filter = toHistoryFilter({ ...NO_FILTER, range: 'days', from: '2026-11-20', to: '2026-11-20' }, NOW_MS);
  expect(filter.fromMs).toBe(new Date(2026, 10, 20).getTime());
  expect(filter.toMs).toBe(new Date(2026, 10, 21).getTime());
});

it('begins today at midnight', () => {
  expect(toHistoryFilter({ ...NO_FILTER, range: 'today' }, NOW_MS).fromMs).toBe(new Date(2026, 10, 22).getTime());
});

it('asks for times that there are while a year is being typed', () => {
  for (const day of ['0002-11-22', '0020-11-22', '0202-11-22', '1969-12-31']) {
    const filter = toHistoryFilter({ ...NO_FILTER, range: 'days', from: day, to: day }, NOW_MS);
    expect(historyFilter.safeParse(filter).success).toBe(true);
  }
});
