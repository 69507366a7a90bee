const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** IMF-fixdate, the date of RFC 850, and that of C's asctime; what stands for the weekday is not looked at. */
const FORMS: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, (?<day>\d{2}) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d{2})-(?<month>[A-Z][a-z]{2})-(?<year>\d{2}) (?<time>\d{2}:\d{2}:\d{2}) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d{2}:\d{2}:\d{2}) (?<year>\d{4})$/,
];

const CENTURY = 100;
/** RFC 9110: a year of two digits that seems to lie further ahead than this is one of the century before. */
const FURTHEST_YEARS = 50;

/**
 * Reads an HTTP date (RFC 9110, 5.6.7) in each of its three forms, all of which are in UTC, also the one that names no
 * zone.
 * @param nowMs what a year of two digits is near to
 * @returns Unix milliseconds; null for anything else
 */
export function parseHttpDate(text: string, nowMs: number): number | null {
  const parts = FORMS.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  const month = MONTHS.indexOf(parts?.['month'] ?? '');
  if (parts === undefined || month < 0) return null;
  const [hour = 0, minute = 0, second = 0] = (parts['time'] ?? '').split(':').map(Number);
  const dateMs = Date.UTC(
    fullYear(parts['year'] ?? '', nowMs),
    month,
    Number(parts['day']),
    hour,
    minute,
    // A leap second has no time of its own here.
    Math.min(second, 59),
  );
  const isDate = new Date(dateMs).getUTCDate() === Number(parts['day']) && hour < 24 && minute < 60 && second <= 60;
  return isDate ? dateMs : null;
}

function fullYear(year: string, nowMs: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(nowMs).getUTCFullYear();
  const sameCentury = thisYear - (thisYear % CENTURY) + Number(year);
  return sameCentury > thisYear + FURTHEST_YEARS ? sameCentury - CENTURY : sameCentury;
}
