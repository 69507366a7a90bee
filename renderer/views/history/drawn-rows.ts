import type { HistoryRow } from '../../../preload/contract.ts';

/** So many rows beyond the visible ones are drawn ahead, at either end. */
const AHEAD_ROWS = 6;
/** The number of places grows in steps, so that a window that is made larger does not give every row another place. */
const PLACES_STEP = 8;

/** A row that exists in the document. */
export interface DrawnRow {
  /** The elements that show it. A row that leaves at one end is followed there by one that comes at the other. */
  place: number;
  /** Its number in the whole list. */
  index: number;
  row: HistoryRow;
}

/** The rows that ought to exist. */
export interface RowWindow {
  first: number;
  last: number;
  firstVisible: number;
  lastVisible: number;
  /** Rows of the whole list. */
  count: number;
  /** There are never more rows than this in the document. */
  places: number;
}

interface Viewport {
  /** Pixels that the list has been scrolled by. */
  topPx: number;
  heightPx: number;
  rowHeightPx: number;
  /** Rows of the whole list. */
  count: number;
}

/** The rows in view and some around them, always as many as there are places unless the list is shorter. */
export function windowAt({ topPx, heightPx, rowHeightPx, count }: Viewport): RowWindow {
  const visible = Math.ceil(heightPx / rowHeightPx) + 1;
  const places = Math.ceil((visible + 2 * AHEAD_ROWS) / PLACES_STEP) * PLACES_STEP;
  const firstVisible = Math.max(0, Math.min(Math.floor(topPx / rowHeightPx), count - 1));
  const first = Math.max(0, Math.min(firstVisible - AHEAD_ROWS, count - places));
  return {
    first,
    last: Math.min(count, first + places) - 1,
    firstVisible,
    lastVisible: Math.min(count, firstVisible + visible) - 1,
    count,
    places,
  };
}

/**
 * Draws at most `limit` rows anew, those in view first, so that no frame has to wait for all of them.
 * @param rowAt undefined: not read yet; nothing is drawn for it
 * @returns the same array when nothing changes; `isComplete`: no row is left for another time
 */
export function drawRows(
  drawn: readonly DrawnRow[],
  window: RowWindow,
  rowAt: (index: number) => HistoryRow | undefined,
  limit: number,
): { drawn: readonly DrawnRow[]; isComplete: boolean } {
  const { places, count, first, last, firstVisible, lastVisible } = window;
  const byPlace = new Map<number, DrawnRow>();
  // What is not in the list any more, or is there but not read, must not stay as it was.
  for (const one of drawn) {
    const isUnread = one.index >= first && one.index <= last && rowAt(one.index) === undefined;
    if (one.index < count && one.place === one.index % places && !isUnread) byPlace.set(one.place, one);
  }
  let hasChanged = byPlace.size < drawn.length;
  let left = limit;
  let isComplete = true;
  const draw = (index: number) => {
    const row = rowAt(index);
    const place = index % places;
    const now = byPlace.get(place);
    if (row === undefined || (now?.index === index && now.row === row)) return;
    if (left === 0) {
      isComplete = false;
      return;
    }
    left -= 1;
    hasChanged = true;
    byPlace.set(place, { place, index, row });
  };
  for (let index = firstVisible; index <= lastVisible; index += 1) draw(index);
  for (let index = lastVisible + 1; index <= last; index += 1) draw(index);
  for (let index = firstVisible - 1; index >= first; index -= 1) draw(index);
  if (!hasChanged) return { drawn, isComplete };
  // Elements keep their order in the document: to move them costs as much as to make them.
  const kept = drawn.filter(({ place }) => byPlace.has(place)).map(({ place }) => place);
  const order = new Set([...kept, ...byPlace.keys()]);
  return { drawn: [...order].flatMap((place) => byPlace.get(place) ?? []), isComplete };
}

/** The rows in the order of the list, in which screen readers go through them; the same array when they are. */
export function inListOrder(drawn: readonly DrawnRow[]): readonly DrawnRow[] {
  const isOrdered = drawn.every((one, index) => index === 0 || one.index > (drawn[index - 1]?.index ?? -1));
  return isOrdered ? drawn : drawn.toSorted((one, other) => one.index - other.index);
}
