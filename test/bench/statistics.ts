/** The value below which the given share (0–1) of the sorted numbers lies, interpolated; NaN of no numbers. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/**
 * The median over rounds of one contender's figure divided by another's in the same round. Rounds alternate within a
 * run, so that a load from elsewhere on the machine falls on both and the ratio stays.
 */
export function medianRatio(numerators: readonly number[], denominators: readonly number[]): number {
  const ratios: number[] = [];
  for (const [round, numerator] of numerators.entries()) {
    const denominator = denominators[round];
    if (denominator !== undefined) ratios.push(numerator / denominator);
  }
  return median(ratios);
}

/** Smallest and largest value, as the spread to print beside a median. */
export function spread(values: readonly number[]): { smallest: number; largest: number } {
  return { smallest: Math.min(...values), largest: Math.max(...values) };
}

/** The list turned left by `by` places: each contender goes first in some round. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const start = list.length === 0 ? 0 : by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

/** The part of a series from one share of its length to another: 0.25 to 0.5 is the second quarter. */
export function part<T>(series: readonly T[], from: number, to: number): T[] {
  return series.slice(Math.floor(series.length * from), Math.ceil(series.length * to));
}
