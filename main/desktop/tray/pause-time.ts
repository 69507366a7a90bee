const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** When work begins again after a pause until tomorrow, in hours after midnight. */
const MORNING_HOUR = 8;

/** When a pause of that length ends; null: not before somebody resumes. Days are those of the machine's time zone. */
export function pauseUntilMs(length: 'hour' | 'tomorrow' | 'open', nowMs: number): number | null {
  if (length === 'open') return null;
  if (length === 'hour') return nowMs + HOUR_MS;
  const day = new Date(nowMs);
  day.setDate(day.getDate() + 1);
  day.setHours(MORNING_HOUR, 0, 0, 0);
  return day.getTime();
}

/** `43 min`, `7 h 5 min`; null when nothing is left. */
export function pauseTimeLeft(untilMs: number, nowMs: number): string | null {
  const minutes = Math.ceil((untilMs - nowMs) / MINUTE_MS);
  if (minutes <= 0) return null;
  const hours = Math.floor(minutes / 60);
  if (hours === 0) return `${minutes} min`;
  return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
}
