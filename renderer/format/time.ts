const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MORNING_HOUR = 8;

/** Formats for a time zone; all functions here take one so that they can be tested, and default to the machine's. */
function formatter(options: Intl.DateTimeFormatOptions, timeZone: string | undefined): Intl.DateTimeFormat {
  let byTimeZone = formatters.get(options);
  if (byTimeZone === undefined) formatters.set(options, (byTimeZone = new Map()));
  let made = byTimeZone.get(timeZone);
  if (made === undefined) {
    made = new Intl.DateTimeFormat('en-GB', { ...options, timeZone });
    byTimeZone.set(timeZone, made);
  }
  return made;
}

/** Making one takes longer than a row of a list may; kept by the very object that it was made with. */
const formatters = new Map<Intl.DateTimeFormatOptions, Map<string | undefined, Intl.DateTimeFormat>>();

const CLOCK = { hour: '2-digit', minute: '2-digit' } as const;
const PRECISE_CLOCK = { ...CLOCK, second: '2-digit', fractionalSecondDigits: 3 } as const;
const FULL = { dateStyle: 'full', timeStyle: 'medium' } as const;
const DAY = { day: 'numeric', month: 'short' } as const;
const DAY_AND_YEAR = { ...DAY, year: 'numeric' } as const;
const YEAR = { year: 'numeric' } as const;
const MONTH = { month: 'long', year: 'numeric' } as const;

/** `14:05`. */
export function formatClock(atMs: number, timeZone?: string): string {
  return formatter(CLOCK, timeZone).format(atMs);
}

/** `14:05:09.123`, for logs. */
export function formatPreciseClock(atMs: number, timeZone?: string): string {
  return formatter(PRECISE_CLOCK, timeZone).format(atMs);
}

/** The whole time: `Sunday 22 November 2026 at 14:05:09`. */
export function formatFullTime(atMs: number, timeZone?: string): string {
  return formatter(FULL, timeZone).format(atMs);
}

/** A day and time in a list: `14:05` today, `21 Nov, 09:12` this year, `21 Nov 2025` before. */
export function formatListTime(atMs: number, nowMs: number, timeZone?: string): string {
  const days = formatter(DAY_AND_YEAR, timeZone);
  if (days.format(atMs) === days.format(nowMs)) return formatClock(atMs, timeZone);
  const years = formatter(YEAR, timeZone);
  if (years.format(atMs) !== years.format(nowMs)) return days.format(atMs);
  return `${formatter(DAY, timeZone).format(atMs)}, ${formatClock(atMs, timeZone)}`;
}

/** `22 Nov`. */
export function formatDay(atMs: number, timeZone?: string): string {
  return formatter(DAY, timeZone).format(atMs);
}

/** `November 2026` for `2026-11`. */
export function formatMonth(month: string): string {
  const atMs = Date.parse(`${month}-01T00:00:00Z`);
  return Number.isNaN(atMs) ? month : formatter(MONTH, 'UTC').format(atMs);
}

/** How long ago: `just now`, `5 min ago`, `3 h ago`, `2 d ago`. */
export function formatAgo(atMs: number, nowMs: number): string {
  const agoMs = nowMs - atMs;
  if (agoMs < MINUTE_MS) return 'just now';
  if (agoMs < HOUR_MS) return `${Math.floor(agoMs / MINUTE_MS)} min ago`;
  if (agoMs < DAY_MS) return `${Math.floor(agoMs / HOUR_MS)} h ago`;
  return `${Math.floor(agoMs / DAY_MS)} d ago`;
}

/** When a pause “until tomorrow” ends: tomorrow morning by the clock of the machine's time zone, as in the tray. */
export function tomorrowMs(nowMs: number): number {
  const day = new Date(nowMs);
  day.setHours(24 + MORNING_HOUR, 0, 0, 0);
  return day.getTime();
}

/** The start of a day of the machine's time zone, as `<input type="date">` gives it; null for anything else. */
export function startOfDayMs(day: string): number | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day);
  if (match === null) return null;
  return new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3])).getTime();
}

/** `2026-11-22`, in the machine's time zone. */
export function dayOf(atMs: number): string {
  const day = new Date(atMs);
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}-${String(day.getDate()).padStart(2, '0')}`;
}
