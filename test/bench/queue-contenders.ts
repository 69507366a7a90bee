import Database from 'better-sqlite3';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { openDatabase } from '../../main/agent/queue/open-database.ts';
import { Queue } from '../../main/agent/queue/queue.ts';
import type { NewTask } from '../../main/agent/queue/task.ts';
import type { BlobReference } from '../../main/protocol/fields.ts';
import { systemClock } from '../../main/protocol/ports.ts';

export type Synchronous = 'FULL' | 'NORMAL';

/** A queue on a file with some history, ready to be measured again and again. */
export interface QueueContender {
  /** Adds jobs that wait; not measured. */
  fill(jobs: number): void;
  /** Claims and completes all that waits; returns how many that were. */
  drain(): number;
  /** Brings the history back to its size; not measured. */
  restore(): void;
  close(): void;
}

const TYPE = 'website_html';
const RESULT = {
  finalUrl: 'https://example.org/',
  status: 200,
  title: 'Example',
  timings: { loadMs: 412, ttfbMs: 88 },
};

function urlOf(index: number): string {
  return `https://example.org/products/${index}`;
}

/** Adds ended tasks as the queue would have left them; rows are made in SQL, which is the only quick way to a million. */
function addLegworkHistory(database: Database.Database, rows: number): void {
  database.pragma('synchronous = OFF');
  database
    .transaction(() => {
      database
        .prepare(
          `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @rows)
           INSERT INTO tasks (id, type, lane, status, priority, attempts, maxAttempts, lastAttemptNumber, runAtMs,
                              createdAtMs, startedAtMs, finishedAtMs, durationMs, progressPercent, claimedEpoch, origin,
                              url, payload, result)
           SELECT format('018bcfe5-0000-7000-8000-%012x', n), @type, 'page', 'completed', 5, 1, 3, 1, 1700000000000 + n,
                  1700000000000 + n, 1700000000050 + n, 1700000000450 + n, 400, 100, 1, 'local',
                  'https://example.org/products/' || n, json_object('url', 'https://example.org/products/' || n), @result
             FROM numbers`,
        )
        .run({ rows, type: TYPE, result: JSON.stringify(RESULT) });
      database.exec(
        `INSERT INTO attempts (taskId, number, epoch, startedAtMs, finishedAtMs, durationMs, outcome)
         SELECT id, 1, 1, startedAtMs, finishedAtMs, durationMs, 'completed' FROM tasks`,
      );
    })
    .immediate();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.pragma('synchronous = FULL');
}

export interface LegworkVariant {
  synchronous: Synchronous;
  /** Tasks that one claim takes. */
  claimed: number;
  /** Whether claims wait for the disk as well, as they do after a crash. */
  durableClaims: boolean;
  /** Tasks of the hub with three blobs each: a row in the outbox and three of blobs beside task and attempt. */
  leased: boolean;
}

/** The local store as the agent uses it, on a new file. */
export function openLegworkQueue(file: string, historyRows: number): (variant: LegworkVariant) => QueueContender {
  const database = openDatabase(file);
  addLegworkHistory(database, historyRows);
  const deleteNew = database.prepare('DELETE FROM tasks WHERE sequence > ?');
  const blobs = ['page.html', 'page.jpeg', 'headers.json'].map((name, index): BlobReference => ({
    name,
    sha256: `${index}`.repeat(64),
    sizeBytes: 9_000,
    contentType: 'text/html',
  }));
  let leases = 0;

  return ({ synchronous, claimed, durableClaims, leased }) => {
    const queue = new Queue({ database, clock: systemClock, random: Math.random });
    const unclean = queue.beginEpoch().epoch;
    // A start after one that did not end in order makes claims wait for the disk.
    if (!durableClaims) queue.endEpoch(unclean);
    const { epoch } = queue.beginEpoch();
    const newTask = (index: number): NewTask => {
      const url = urlOf(index);
      const local: NewTask = { type: TYPE, url, payload: { url }, lane: 'page' };
      if (!leased) return local;
      leases += 1;
      return { ...local, origin: 'hub', leaseId: `lease-${leases}`, jobId: `job-${leases}`, workerId: 'worker-1' };
    };
    return {
      fill: (jobs) => {
        queue.enqueueBatch(Array.from({ length: jobs }, (_, index) => newTask(index)));
        database.pragma(`synchronous = ${synchronous}`);
      },
      drain: () => {
        let done = 0;
        for (;;) {
          const tasks = queue.claim({ lane: 'page', limit: claimed, epoch });
          if (tasks.length === 0) return done;
          for (const { attemptId } of tasks) {
            if (queue.complete({ attemptId, result: RESULT, blobs: leased ? blobs : [] })) done += 1;
          }
        }
      },
      restore: () => {
        deleteNew.run(historyRows);
        database.pragma('synchronous = FULL');
        // Keeps the file of the log, as in a program that runs for long: only new blocks make an fsync dear.
        database.pragma('wal_checkpoint(RESTART)');
      },
      close: () => void database.close(),
    };
  };
}

/** The part of plainjob that is used here. */
interface PlainjobQueue {
  addMany(type: string, data: unknown[]): unknown;
  getAndMarkJobAsProcessing(type: string): { id: number } | undefined;
  getJobById(id: number): { data: string } | undefined;
  markJobAsDone(id: number): unknown;
  close(): void;
}

interface Plainjob {
  better(database: Database.Database): unknown;
  defineQueue(options: { connection: unknown; logger: unknown; maintenanceInterval: number }): PlainjobQueue;
}

export const PLAINJOB_FOLDER = join(import.meta.dirname, 'peers/plainjob');

/** plainjob as its own worker uses it: take a job, read it, mark it as done. Its packages must be installed. */
export async function openPlainjobQueue(
  file: string,
  historyRows: number,
): Promise<(variant: { synchronous: Synchronous }) => QueueContender> {
  const program = pathToFileURL(join(PLAINJOB_FOLDER, 'node_modules/plainjob/dist/plainjob.js')).href;
  const plainjob = (await import(program)) as Plainjob;
  const database = new Database(file);
  const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing };
  const queue = plainjob.defineQueue({
    connection: plainjob.better(database),
    logger: silent,
    maintenanceInterval: 2 ** 31 - 1,
  });
  database.pragma('synchronous = OFF');
  database
    .prepare(
      `WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < @rows)
       INSERT INTO plainjob_jobs (type, data, status, created_at, next_run_at)
       SELECT @type, json_object('url', 'https://example.org/products/' || n), 2, 1700000000000 + n, 1700000000000 + n
         FROM numbers`,
    )
    .run({ rows: historyRows, type: TYPE });
  database.pragma('wal_checkpoint(TRUNCATE)');
  const deleteNew = database.prepare('DELETE FROM plainjob_jobs WHERE id > ?');
  const jobData = z.object({ url: z.string() });

  return ({ synchronous }) => ({
    fill: (jobs) => {
      queue.addMany(
        TYPE,
        Array.from({ length: jobs }, (_, index) => ({ url: urlOf(index) })),
      );
      database.pragma(`synchronous = ${synchronous}`);
    },
    drain: () => {
      for (let done = 0; ; done += 1) {
        const claimed = queue.getAndMarkJobAsProcessing(TYPE);
        if (claimed === undefined) return done;
        jobData.parse(JSON.parse(queue.getJobById(claimed.id)?.data ?? 'null'));
        queue.markJobAsDone(claimed.id);
      }
    },
    restore: () => {
      deleteNew.run(historyRows);
      database.pragma('wal_checkpoint(RESTART)');
    },
    close: () => queue.close(),
  });
}

function nothing(): void {
  // plainjob logs each step.
}
