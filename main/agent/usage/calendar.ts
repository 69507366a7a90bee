import { Temporal } from 'temporal-polyfill';
import type { Clock } from '../../protocol/ports.ts';
import type { CalendarMonth } from './usage-amounts.ts';

/** A machine that travels is noticed after this long; asking the system takes about half a millisecond. */
const TIME_ZONE_KEPT_MS = 60_000;

/** A day of the calendar in a time zone. */
export interface CalendarDay extends CalendarMonth {
  /** `2026-11-22` (ISO 8601). */
  date: string;
  startsAtMs: number;
  /** When the next day starts: 23, 24 or 25 hours later. */
  endsAtMs: number;
}

/** A month of the calendar in a time zone. */
export interface CalendarMonthSpan extends CalendarMonth {
  /** Its first day, as in `CalendarDay.date`. */
  firstDate: string;
  startsAtMs: number;
  /** When the next month starts. */
  endsAtMs: number;
}

/** IANA name of the time zone of this machine. */
export function systemTimeZone(): string {
  return Temporal.Now.timeZoneId();
}

/** The same for those who ask often: looked up once a minute at most. */
export function keptSystemTimeZone(clock: Pick<Clock, 'monotonicMs'>): () => string {
  let kept: { timeZone: string; readAtMs: number } | null = null;
  return () => {
    const nowMs = clock.monotonicMs();
    if (kept === null || nowMs - kept.readAtMs >= TIME_ZONE_KEPT_MS) {
      kept = { timeZone: systemTimeZone(), readAtMs: nowMs };
    }
    return kept.timeZone;
  };
}

function dateAt(nowMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(nowMs).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The day that a time (Unix milliseconds) falls on. */
export function dayAt(nowMs: number, timeZone: string): CalendarDay {
  const date = dateAt(nowMs, timeZone);
  return {
    year: date.year,
    month: date.month,
    date: date.toString(),
    startsAtMs: date.toZonedDateTime(timeZone).epochMilliseconds,
    endsAtMs: date.add({ days: 1 }).toZonedDateTime(timeZone).epochMilliseconds,
  };
}

/** The month that a time (Unix milliseconds) falls on. */
export function monthAt(nowMs: number, timeZone: string): CalendarMonthSpan {
  const first = dateAt(nowMs, timeZone).with({ day: 1 });
  return {
    year: first.year,
    month: first.month,
    firstDate: first.toString(),
    startsAtMs: first.toZonedDateTime(timeZone).epochMilliseconds,
    endsAtMs: first.add({ months: 1 }).toZonedDateTime(timeZone).epochMilliseconds,
  };
}

/** The date of the first day of the month that lies `months` before the one of a time. */
export function firstOfMonth(nowMs: number, timeZone: string, months: number): string {
  return dateAt(nowMs, timeZone).with({ day: 1 }).subtract({ months }).toString();
}

/** Looks a day or month up anew only when the time has left the last one, or the time zone is another. */
export function keptSpan<Span extends { startsAtMs: number; endsAtMs: number }>(
  lookUp: (nowMs: number, timeZone: string) => Span,
): (nowMs: number, timeZone: string) => Span {
  let last: { span: Span; timeZone: string } | null = null;
  return (nowMs, timeZone) => {
    if (last?.timeZone !== timeZone || nowMs < last.span.startsAtMs || nowMs >= last.span.endsAtMs) {
      last = { span: lookUp(nowMs, timeZone), timeZone };
    }
    return last.span;
  };
}
