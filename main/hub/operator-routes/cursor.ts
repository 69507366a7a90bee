import { refuseInput } from '../server/error-answers.ts';
import type { JobRow } from '../store/job-rows.ts';

const CURSOR_PATTERN = /^(\d{1,15})\.(\d{1,15})$/;

/** Where the next page of a list goes on, as text that callers only pass back. */
export function formatCursor(job: JobRow): string {
  return Buffer.from(`${job.created_at_ms}.${job.sequence}`).toString('base64url');
}

/** @throws HubRefusal `bad_request` for a text that is no cursor */
export function parseCursor(text: string): { createdAtMs: number; sequence: number } {
  const match = CURSOR_PATTERN.exec(Buffer.from(text, 'base64url').toString('latin1'));
  if (match === null) throw refuseInput([{ path: 'cursor', message: 'is not one that this hub gave' }]);
  return { createdAtMs: Number(match[1]), sequence: Number(match[2]) };
}
