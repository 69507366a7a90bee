import { Temporal } from 'temporal-polyfill';

/** A span of the week, on the wall clock: from `startMinute` of the day to `endMinute`, which may lie on the next day. */
interface Window {
  /** 1 is Monday, 7 Sunday (ISO 8601). */
  day: number;
  startMinute: number;
  /** Minutes since midnight of `day`; above 1,440 it ends on the next day. */
  endMinute: number;
}

/** Hours of the week in which work is done; without windows: always. */
export type WorkHours = readonly Window[];

const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY_MINUTES = 1_440;
/** A window opens within a week, and a time of the day may be skipped once by a change of the clocks. */
const SEARCH_DAYS = 15;

function parseTime(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (match === null) return null;
  const minute = Number(match[1]) * 60 + Number(match[2]);
  return Number(match[2]) < 60 && minute <= DAY_MINUTES ? minute : null;
}

function parseDays(text: string): number[] | null {
  if (text === 'daily') return [1, 2, 3, 4, 5, 6, 7];
  const days: number[] = [];
  for (const part of text.split(',')) {
    const [first = '', last = first, ...rest] = part.trim().split('-');
    const from = DAYS.findIndex((day) => day === first.trim());
    const to = DAYS.findIndex((day) => day === last.trim());
    if (from < 0 || to < 0 || rest.length > 0) return null;
    for (let day = from; ; day = (day + 1) % 7) {
      days.push(day + 1);
      if (day === to) break;
    }
  }
  return days;
}

/**
 * Reads `Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00`: spans separated by `;`, each with days (or `daily`) and a time to
 * begin and to end; one that ends before it begins goes on past midnight. Empty: always. Null when it is none of this.
 */
export function parseWorkHours(text: string): WorkHours | null {
  const windows: Window[] = [];
  for (const span of text.toLowerCase().split(';')) {
    if (span.trim() === '') continue;
    const match = /^\s*(.+?)\s+([\d:]+)\s*-\s*([\d:]+)\s*$/.exec(span);
    const days = parseDays(match?.[1] ?? '');
    const startMinute = parseTime(match?.[2] ?? '');
    const end = parseTime(match?.[3] ?? '');
    if (days === null || startMinute === null || end === null || end === startMinute) return null;
    if (startMinute === DAY_MINUTES || end === 0) return null;
    const endMinute = end > startMinute ? end : end + DAY_MINUTES;
    for (const day of days) windows.push({ day, startMinute, endMinute });
  }
  return windows;
}

/** Whether the hours are open at a time (Unix milliseconds) in an IANA time zone. */
export function isOpen(hours: WorkHours, nowMs: number, timeZone: string): boolean {
  if (hours.length === 0) return true;
  const { dayOfWeek, hour, minute } = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  const now = hour * 60 + minute;
  const yesterday = dayOfWeek === 1 ? 7 : dayOfWeek - 1;
  return hours.some(
    ({ day, startMinute, endMinute }) =>
      (day === dayOfWeek && now >= startMinute && now < endMinute) ||
      (day === yesterday && now + DAY_MINUTES < endMinute),
  );
}

/**
 * When the hours next open or close after a time, Unix milliseconds; null when they never do. They follow the wall clock:
 * what falls into the hour that is skipped in spring is left out, what falls into the doubled one in autumn is twice.
 */
export function nextChange(hours: WorkHours, nowMs: number, timeZone: string): number | null {
  const now = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone);
  const isOpenNow = isOpen(hours, nowMs, timeZone);
  const clocksSetMs = now.getTimeZoneTransition('next')?.epochMilliseconds ?? Infinity;
  let candidates = dayBoundaries(hours, now, -1);
  for (let offset = 0; offset <= SEARCH_DAYS; offset += 1) {
    // What began on a day may end on the next, so that a day is looked at when the one after it is known.
    candidates = [...candidates, ...dayBoundaries(hours, now, offset)];
    const knownUntilMs = now.add({ days: offset }).epochMilliseconds;
    const found = [...candidates, clocksSetMs]
      .filter((atMs) => atMs > nowMs && atMs <= knownUntilMs)
      .sort((a, b) => a - b)
      .find((atMs) => isOpen(hours, atMs, timeZone) !== isOpenNow);
    if (found !== undefined) return found;
    candidates = candidates.filter((atMs) => atMs > knownUntilMs);
  }
  return null;
}

/** The times at which the wall clock reaches the begin or end of a window of the day that is `offset` days away. */
function dayBoundaries(hours: WorkHours, now: Temporal.ZonedDateTime, offset: number): number[] {
  const date = now.toPlainDate().add({ days: offset });
  return hours
    .filter(({ day }) => day === date.dayOfWeek)
    .flatMap(({ startMinute, endMinute }) => [startMinute, endMinute])
    .flatMap((minute) => {
      const local = date.toPlainDateTime().add({ minutes: minute });
      // In the hour that comes twice each time of the clock does.
      return (['earlier', 'later'] as const).map(
        (disambiguation) => local.toZonedDateTime(now.timeZoneId, { disambiguation }).epochMilliseconds,
      );
    });
}
