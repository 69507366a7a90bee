import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { z } from 'zod';
import type { LogFields, LogLevel } from '../../protocol/ports.ts';
import type { LogEntry } from './format-line.ts';

const KEPT_LINES = 2_000;
/** How much of the file of earlier starts is looked at. */
const TAIL_BYTES = 512 * 1024;

/** A line of the log, numbered in the order in which lines came. */
export interface RecentLine {
  sequence: number;
  atMs: number;
  level: LogLevel;
  message: string;
  fields: LogFields;
}

const storedLine = z.looseObject({
  time: z.string(),
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
});

/** The newest lines of a log, for who looks at it while it is written. They have passed the redactor. */
export class RecentLines {
  readonly #listeners = new Set<(line: RecentLine) => void>();
  #lines: RecentLine[] = [];
  #sequence = 0;

  /** @param file the log of earlier starts, JSON lines; it need not be there */
  constructor(file: string | null = null) {
    if (file === null) return;
    for (const text of readTail(file).split('\n').slice(-KEPT_LINES)) this.#addStored(text);
  }

  add({ timeMs, level, message, fields }: LogEntry): void {
    this.#sequence += 1;
    const line = { sequence: this.#sequence, atMs: Math.floor(timeMs), level, message, fields };
    this.#lines.push(line);
    // Not at each line: moving all of them costs more than a few that are too many.
    if (this.#lines.length > KEPT_LINES * 1.25) this.#lines = this.#lines.slice(-KEPT_LINES);
    for (const listener of this.#listeners) listener(line);
  }

  /** The newest, oldest first. */
  newest(limit: number): RecentLine[] {
    return this.#lines.slice(-Math.min(limit, KEPT_LINES));
  }

  /** @returns the function that ends the subscription */
  subscribe(listener: (line: RecentLine) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #addStored(text: string): void {
    const parsed = storedLine.safeParse(parseJson(text));
    if (!parsed.success) return;
    const { time, level, message, ...fields } = parsed.data;
    const timeMs = Date.parse(time);
    if (!Number.isNaN(timeMs)) this.add({ timeMs, level, message, fields: plain(fields) });
  }
}

function plain(fields: Record<string, unknown>): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null,
    ]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The end of a file as text; '' when it cannot be read. */
function readTail(file: string): string {
  let descriptor: number;
  try {
    descriptor = openSync(file, 'r');
  } catch {
    return '';
  }
  try {
    const { size } = fstatSync(descriptor);
    const buffer = Buffer.alloc(Math.min(size, TAIL_BYTES));
    const read = readSync(descriptor, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8', 0, read);
  } catch {
    return '';
  } finally {
    closeSync(descriptor);
  }
}
