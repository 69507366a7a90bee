import type { Database } from 'better-sqlite3';
import type { Clock, Random } from '../../protocol/ports.ts';
import { explainSqliteError } from './store-error.ts';
import type { IdSource } from './time-sortable-id.ts';

/** What every operation on the store is made from. */
export interface StoreContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly random: Random;
  readonly newId: IdSource;
  /** IANA name of the host's time zone, whose days and months usage is counted by. */
  readonly timeZone: () => string;
  /** The hub that tasks come from; null without one. */
  readonly hubUrl: string | null;
}

/**
 * Runs an operation in one transaction that is on the disk when the call returns: all of it happens, or nothing.
 * @throws LegworkError `disk_full`, StoreError
 */
export function durably<Arguments extends unknown[], Result>(
  context: StoreContext,
  operation: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  const transaction = context.database.transaction(operation as (...args: unknown[]) => unknown);
  return (...args) => explained(context, () => transaction.immediate(...args) as Result);
}

/**
 * Like `durably`, for what a power failure may take back without harm: not waited for until it is on the disk. The death
 * of this process takes nothing back.
 */
export function lightly<Arguments extends unknown[], Result>(
  context: StoreContext,
  operation: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  const write = durably(context, operation);
  return (...args) => {
    // Not prepared ahead: SQLite obeys this pragma when it compiles it, not when it runs it. `exec` takes a fifth of the time
    // that `pragma` takes.
    context.database.exec('PRAGMA synchronous = NORMAL');
    try {
      return write(...args);
    } finally {
      context.database.exec('PRAGMA synchronous = FULL');
    }
  };
}

/** Runs something that reads, and explains what SQLite throws. @throws StoreError */
export function explained<Result>(context: StoreContext, operation: () => Result): Result {
  try {
    return operation();
  } catch (error) {
    throw explainSqliteError(error, context.database.name);
  }
}
