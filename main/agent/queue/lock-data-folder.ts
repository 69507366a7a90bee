import Database from 'better-sqlite3';
import { join } from 'node:path';
import { makeFolder } from './make-folder.ts';
import { explainSqliteError, StoreError } from './store-error.ts';

/** A data folder that this process alone runs an agent on. */
export interface FolderLock {
  /** Lets another agent have the folder. Harmless when called twice. */
  release(): void;
}

/**
 * Makes sure that one agent runs on a data folder: holds an exclusive lock on a small file in it, which the system lets
 * go of however the process ends. Reading the database and enqueueing from other processes stay possible.
 * @throws StoreError `locked` when another agent has it, `not_writable`
 */
export function lockDataFolder(folder: string): FolderLock {
  const file = join(folder, 'agent.lock');
  makeFolder(folder);
  let database: Database.Database | undefined;
  try {
    database = new Database(file, { timeout: 0 });
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database?.close();
    const explained = explainSqliteError(error, file);
    if (explained instanceof StoreError && explained.code === 'locked') {
      throw new StoreError(
        'locked',
        file,
        `Another agent is running on the data folder ${folder}. Stop it, or choose another data folder.`,
        { cause: error },
      );
    }
    throw explained;
  }
  const held = database;
  return { release: () => void held.close() };
}
