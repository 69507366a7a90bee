import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { dataPaths } from '../agent/agent-options.ts';
import { readVersion } from '../agent/queue/migrate.ts';
import { PRESENT_VERSION } from '../agent/queue/migrations/all-migrations.ts';
import { Queue } from '../agent/queue/queue.ts';
import { explainSqliteError, StoreError } from '../agent/queue/store-error.ts';
import { systemClock } from '../protocol/ports.ts';
import { CommandError } from './command-error.ts';

/** A refused database as the end of a command; other errors unchanged. */
export function explainStoreFailure(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  const exit =
    error.code === 'locked' ? 'alreadyRunning' : error.code === 'not_writable' ? 'failure' : 'databaseRefused';
  return new CommandError(exit, error.message, { cause: error });
}

/**
 * Whether an agent runs on this data folder: it holds an exclusive lock on a small file there. Looks for the shortest
 * time, so that an agent that starts in this moment is hardly ever in its way.
 * @throws CommandError `databaseRefused`, `failure` when the file is damaged or cannot be read
 */
export function isAgentRunning(dataFolder: string): boolean {
  const file = join(dataFolder, 'agent.lock');
  if (!existsSync(file)) return false;
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { readonly: true, timeout: 0 });
    database.prepare('SELECT count(*) FROM sqlite_schema').get();
    return false;
  } catch (error) {
    const explained = explainSqliteError(error, file);
    if (explained instanceof StoreError && explained.code === 'locked') return true;
    throw explainStoreFailure(explained);
  } finally {
    database?.close();
  }
}

/** The local store, opened for reading beside a running agent. */
export interface OpenedStore {
  queue: Queue;
  /** Who this installation is, and how often it has been started; null before the first start. */
  identity: { instanceId: string; epoch: number } | null;
}

/**
 * What `read` finds in the store, which is not changed; null when there is none yet.
 * @throws CommandError `databaseRefused` when it is damaged or not one of this version, `failure` when it cannot be read
 */
export function readStore<Found>(dataFolder: string, read: (store: OpenedStore) => Found): Found | null {
  const path = dataPaths(dataFolder).database;
  if (!existsSync(path)) return null;
  let database: Database.Database | undefined;
  try {
    database = new Database(path, { readonly: true, fileMustExist: true, timeout: 5_000 });
    const version = readVersion(database);
    if (version > PRESENT_VERSION) throw newerDatabase(path, version);
    const readMeta = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
    const instanceId = readMeta.get('instanceId');
    const identity = instanceId === undefined ? null : { instanceId, epoch: Number(readMeta.get('epoch') ?? '0') };
    return read({ queue: new Queue({ database, clock: systemClock, random: Math.random }), identity });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    const explained = explainStoreFailure(explainSqliteError(error, path));
    if (explained instanceof CommandError) throw explained;
    throw new CommandError(
      'databaseRefused',
      `The database ${path} is of another version of Legwork, or not its own; \`legwork doctor\` says more.`,
      { cause: error },
    );
  } finally {
    database?.close();
  }
}

function newerDatabase(path: string, version: number): CommandError {
  return new CommandError(
    'databaseRefused',
    `The database ${path} was written by a newer Legwork: it has version ${version}, this program reads up to ` +
      `${PRESENT_VERSION}. Update Legwork, or choose another data folder.`,
  );
}
