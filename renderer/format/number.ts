const whole = new Intl.NumberFormat('en-GB', { maximumFractionDigits: 0 });

/** A whole number with separators: `12,480`. */
export function formatNumber(value: number): string {
  return whole.format(value);
}

/** A number and its noun: `1 task`, `12 tasks`. */
export function formatCount(count: number, one: string, many = `${one}s`): string {
  return `${formatNumber(count)} ${count === 1 ? one : many}`;
}
