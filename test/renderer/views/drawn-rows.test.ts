import { describe, expect, it } from 'vitest';
import { type DrawnRow, drawRows, inListOrder, windowAt } from '../../../renderer/views/history/drawn-rows.ts';
import { historyRowAt } from '../scenes/scene-history.ts';

const ROW_PX = 36;
const rows = Array.from({ length: 1_000 }, (_, index) => historyRowAt(index, 1_700_000_000_000));
const rowAt = (index: number) => rows[index];
const at = (firstVisible: number, count = rows.length) =>
  windowAt({ topPx: firstVisible * ROW_PX, heightPx: 10 * ROW_PX, rowHeightPx: ROW_PX, count });
const indexes = (drawn: readonly DrawnRow[]) => drawn.map(({ index }) => index);
const sorted = (drawn: readonly DrawnRow[]) => indexes(drawn).toSorted((one, other) => one - other);
const numbers = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, step) => first + step);

/** Draws until nothing is left, as frames do. */
function drawAll(drawn: readonly DrawnRow[], firstVisible: number, count = rows.length): readonly DrawnRow[] {
  let now = drawRows(drawn, at(firstVisible, count), rowAt, 5);
  while (!now.isComplete) now = drawRows(now.drawn, at(firstVisible, count), rowAt, 5);
  return now.drawn;
}

describe('the rows that ought to exist', () => {
  it('are those in view and some around them, as many at the ends as in the middle', () => {
    const middle = at(500);
    expect(middle).toMatchObject({ first: 494, firstVisible: 500, lastVisible: 510 });
    expect(middle.last).toBe(middle.first + middle.places - 1);
    expect(at(0)).toMatchObject({ first: 0, last: middle.places - 1 });
    expect(at(990)).toMatchObject({ first: 1_000 - middle.places, last: 999, lastVisible: 999 });
  });

  it('are all of a short list, and none of an empty one', () => {
    expect(at(0, 3)).toMatchObject({ first: 0, last: 2, lastVisible: 2 });
    expect(drawRows([], at(0, 0), rowAt, 5)).toEqual({ drawn: [], isComplete: true });
  });

  it('are in the list also when the list has become shorter than what it is scrolled by', () => {
    expect(at(900, 100)).toMatchObject({ firstVisible: 99, lastVisible: 99, last: 99 });
  });
});

describe('drawing', () => {
  it('takes those in view first, so many at a time', () => {
    const one = drawRows([], at(500), rowAt, 5);
    expect(indexes(one.drawn)).toEqual([500, 501, 502, 503, 504]);
    expect(one.isComplete).toBe(false);
    const two = drawRows(one.drawn, at(500), rowAt, 6);
    expect(indexes(two.drawn)).toEqual(numbers(500, 510));
    expect(sorted(drawAll(two.drawn, 500))).toEqual(numbers(at(500).first, at(500).last));
  });

  it('gives the elements of rows that have left to those that come, and leaves the others alone', () => {
    const before = drawAll([], 500);
    const after = drawAll(before, 503);
    const changed = after.filter((one) => !before.includes(one));
    expect(sorted(changed)).toEqual(numbers(at(500).last + 1, at(503).last));
    expect(after.map(({ place }) => place)).toEqual(before.map(({ place }) => place));
    expect(drawRows(after, at(503), rowAt, 5).drawn).toBe(after);
  });

  it('shows a row again that has changed', () => {
    const before = drawAll([], 500);
    const changed = { ...historyRowAt(502, 0), outcome: 'failed' as const };
    const { drawn } = drawRows(before, at(500), (index) => (index === 502 ? changed : rows[index]), 5);
    expect(drawn.find(({ index }) => index === 502)?.row).toBe(changed);
  });

  it('never leaves what is not known (any more), nor what is not in the list any more', () => {
    const before = drawAll([], 500);
    const { drawn } = drawRows(before, at(500), (index) => (index < 505 ? rows[index] : undefined), 5);
    expect(Math.max(...indexes(drawn))).toBe(504);
    const { drawn: shorter } = drawRows(before, at(500, 503), rowAt, 0);
    expect(indexes(shorter).every((index) => index < 503)).toBe(true);
  });

  it('goes on with all rows when the window becomes higher', () => {
    const higher = windowAt({ topPx: 500 * ROW_PX, heightPx: 40 * ROW_PX, rowHeightPx: ROW_PX, count: rows.length });
    const { drawn } = drawRows(drawAll([], 500), higher, rowAt, 1_000);
    expect(sorted(drawn)).toEqual(numbers(higher.first, higher.last));
    expect(new Set(drawn.map(({ place }) => place)).size).toBe(drawn.length);
  });
});

it('puts rows into the order of the list, and says so where nothing is to be done', () => {
  const scrolled = drawAll(drawAll([], 500), 503);
  const ordered = inListOrder(scrolled);
  expect(indexes(ordered)).toEqual(numbers(at(503).first, at(503).last));
  expect(inListOrder(ordered)).toBe(ordered);
});
