import { firstTables } from './0001-first-tables.ts';

/** Every migration in order; the database's `user_version` says how many of them it has. */
export const MIGRATIONS: readonly string[] = [firstTables];
