import type Database from 'better-sqlite3';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import type { NewTask } from '../../../main/agent/queue/task.ts';
import { errorDefinition, type ErrorCode } from '../../../main/protocol/error-table.ts';
import type { TaskError } from '../../../main/protocol/fields.ts';
import type { Clock } from '../../../main/protocol/ports.ts';

/** An error as an executor hands it over. */
export function taskErrorOf(code: ErrorCode, detail = ''): TaskError {
  const { class: errorClass, message } = errorDefinition(code);
  return { code, class: errorClass, message: `${message} ${detail}`.trim() };
}

/** A clock that stands still until it is moved; sleeping takes no time. */
export class ManualClock implements Clock {
  #nowMs = 1_700_000_000_000;

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  sleep(): Promise<void> {
    return Promise.resolve();
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
  }
}

/** A folder that is gone when the test is over. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-queue-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export interface Store {
  file: string;
  database: Database.Database;
  queue: Queue;
  clock: ManualClock;
}

/** A queue on a database of its own. */
export function openStore(options: { file?: string; clock?: ManualClock; random?: () => number } = {}): Store {
  const file = options.file ?? join(temporaryFolder(), 'legwork.db');
  const database = openDatabase(file);
  onTestFinished(() => void database.close());
  const clock = options.clock ?? new ManualClock();
  const queue = new Queue({ database, clock, random: options.random ?? (() => 0.5) });
  return { file, database, queue, clock };
}

/** A local page task. */
export function localTask(overrides: Partial<NewTask> = {}): NewTask {
  const url = overrides.url ?? 'https://example.org/';
  return { type: 'website_html', url, payload: { url }, lane: 'page', ...overrides };
}

/** A task of a leased job. */
export function leasedTask(leaseId: string, overrides: Partial<NewTask> = {}): NewTask {
  return localTask({
    origin: 'hub',
    workerId: 'worker-1',
    jobId: `job-of-${leaseId}`,
    leaseId,
    ...overrides,
  });
}

/** Claims the next task of the page lane. @throws Error when there is none */
export function claimOne(queue: Queue, epoch = 1) {
  const [claimed] = queue.claim({ lane: 'page', limit: 1, epoch });
  if (claimed === undefined) throw new Error('nothing to claim');
  return claimed;
}

export const HTML_BLOB = {
  name: 'page.html',
  sha256: 'a'.repeat(64),
  sizeBytes: 1_234,
  contentType: 'text/html',
};
