import type { Database } from 'better-sqlite3';
import type { Clock } from '../../protocol/ports.ts';

/** What every reading operation on the history is made from. */
export interface HistoryContext {
  /** Opened for reading only. */
  readonly database: Database;
  readonly clock: Clock;
  /** Lets everything else run before a long reading goes on. */
  readonly pause: () => Promise<void>;
}

/** Changes whenever somebody else has written to the store (PRAGMA data_version). */
export function storeVersion({ database }: HistoryContext): number {
  return Number(database.pragma('data_version', { simple: true }));
}
