const UNITS = ['kB', 'MB', 'GB', 'TB'];

/** A size in decimal units, as systems and providers count traffic: `0 B`, `812 B`, `4.2 kB`, `1.30 GB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 999.5) return `${Math.round(bytes)} B`;
  let value = bytes / 1_000;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1_000;
    unit += 1;
  }
  const digits = value < 9.995 && unit >= 1 ? 2 : value < 99.95 ? 1 : 0;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}
