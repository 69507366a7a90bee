import { Temporal } from 'temporal-polyfill';
import type { CalendarMonth } from './usage-amounts.ts';

/** A day of the calendar in a time zone. */
export interface CalendarDay extends CalendarMonth {
  /** `2026-11-22` (ISO 8601). */
  date: string;
  startsAtMs: number;
  /** When the next day starts: 23, 24 or 25 hours later. */
  endsAtMs: number;
}

/** IANA name of the time zone of this machine. */
export function systemTimeZone(): string {
  return Temporal.Now.timeZoneId();
}

/** The day that a time (Unix milliseconds) falls on. */
export function dayAt(nowMs: number, timeZone: string): CalendarDay {
  const date = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  return {
    year: date.year,
    month: date.month,
    date: date.toString(),
    startsAtMs: date.toZonedDateTime(timeZone).epochMilliseconds,
    endsAtMs: date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds,
  };
}

/** When the month after the one of a time begins, Unix milliseconds. */
export function nextMonthMs(nowMs: number, timeZone: string): number {
  const date = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  return date.with({ day: 1 }).add({ months: 1 }).toZonedDateTime(timeZone).epochMilliseconds;
}

/** The date of the first day of the month that lies `months` before the one of a time. */
export function firstOfMonth(nowMs: number, timeZone: string, months: number): string {
  const date = Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
  return date.with({ day: 1 }).subtract({ months }).toString();
}
