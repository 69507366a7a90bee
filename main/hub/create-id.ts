import { randomBytes } from 'node:crypto';

/**
 * A new identifier that sorts by the time of its making: prefix, 12 hex digits of Unix milliseconds, 80 random bits.
 * Neighbours in time are neighbours in an index, so that inserting stays cheap however long the history is.
 */
export function createId(prefix: string, nowMs: number): string {
  return `${prefix}_${nowMs.toString(16).padStart(12, '0')}${randomBytes(10).toString('hex')}`;
}
