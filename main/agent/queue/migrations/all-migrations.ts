import type { Database } from 'better-sqlite3';
import * as tasks from './010-tasks.ts';
import * as attempts from './020-attempts.ts';
import * as outbox from './030-outbox.ts';
import * as meta from './040-meta.ts';
import * as taskCounts from './050-task-counts.ts';
import * as taskSites from './060-task-sites.ts';
import * as usage from './070-usage.ts';
import * as attemptList from './080-attempt-list.ts';
import * as pageScores from './090-page-scores.ts';
import * as liveTasks from './100-live-tasks.ts';

/** One step from an older database to the present one. `version` becomes the file's `user_version`. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  up(database: Database): void;
}

/** In the order in which they are applied. */
export const MIGRATIONS: readonly Migration[] = [
  tasks,
  attempts,
  outbox,
  meta,
  taskCounts,
  taskSites,
  usage,
  attemptList,
  pageScores,
  liveTasks,
];

/** The version that this program reads and writes. */
export const PRESENT_VERSION = Math.max(...MIGRATIONS.map((migration) => migration.version));
