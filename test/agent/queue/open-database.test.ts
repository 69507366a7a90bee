import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../../main/agent/queue/migrate.ts';
import { MIGRATIONS, PRESENT_VERSION } from '../../../main/agent/queue/migrations/all-migrations.ts';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { StoreError, type StoreErrorCode } from '../../../main/agent/queue/store-error.ts';
import { claimOne, leasedTask, localTask, ManualClock, openStore, temporaryFolder } from './queue-fixture.ts';

/** Opens a file that must be refused; checks that nothing in its folder changed. */
function expectRefused(file: string, code: StoreErrorCode): StoreError {
  const folder = join(file, '..');
  const before = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
  let thrown: unknown;
  try {
    openDatabase(file).close();
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(StoreError);
  const error = thrown as StoreError;
  expect(error.code).toBe(code);
  expect(error.message).toContain(file);
  const after = readdirSync(folder).map((name) => [name, readFileSync(join(folder, name)).toString('base64')]);
  // The index of the log is made anew by whoever reads it, and holds no data.
  const data = (files: string[][]): string[][] => files.filter(([name]) => name?.endsWith('-shm') !== true);
  expect(data(after)).toEqual(data(before));
  return error;
}

function emptyStore(): string {
  const file = join(temporaryFolder(), 'legwork.db');
  openDatabase(file).close();
  return file;
}

describe('a new database', () => {
  it('is made with its folder, is durable, and returns space to the disk', () => {
    const file = join(temporaryFolder(), 'deep', 'er', 'legwork.db');
    const database = openDatabase(file);
    const pragma = (name: string): unknown => database.pragma(name, { simple: true });
    expect(pragma('journal_mode')).toBe('wal');
    expect(pragma('synchronous')).toBe(2);
    expect(pragma('foreign_keys')).toBe(1);
    expect(pragma('auto_vacuum')).toBe(2);
    expect(pragma('journal_size_limit')).toBeGreaterThan(0);
    expect(pragma('busy_timeout')).toBeGreaterThan(0);
    expect(pragma('user_version')).toBe(PRESENT_VERSION);
    const tables = database
      .prepare<[], { name: string; strict: number }>(`SELECT name, strict FROM pragma_table_list WHERE schema = 'main'`)
      .all()
      .filter((table) => !table.name.startsWith('sqlite_'));
    expect(tables.length).toBeGreaterThanOrEqual(5);
    expect(tables.filter((table) => table.strict !== 1)).toEqual([]);
    database.close();
  });

  it('keeps its content when it is opened again, and may be opened twice at once', () => {
    const first = openStore();
    const { task } = first.queue.enqueue(localTask());
    const second = openStore({ file: first.file });
    expect(second.queue.get(task.id)?.url).toBe(task.url);
    first.database.close();
    second.queue.enqueue(localTask());
    second.database.close();
    expect(openStore({ file: first.file }).queue.statistics().total).toBe(2);
  });

  it('takes over an empty file', () => {
    const file = join(temporaryFolder(), 'legwork.db');
    writeFileSync(file, '');
    openDatabase(file).close();
    expect(statSync(file).size).toBeGreaterThan(0);
  });
});

describe('migrations', () => {
  it('are numbered in growing tens', () => {
    const versions = MIGRATIONS.map((migration) => migration.version);
    expect(versions).toEqual(versions.map((_, index) => (index + 1) * 10));
  });

  const olderVersions = MIGRATIONS.slice(0, -1);
  it.each(olderVersions)('bring version $version up to date with its rows', (older) => {
    const file = join(temporaryFolder(), 'legwork.db');
    const old = new Database(file);
    old.pragma('journal_mode = WAL');
    migrate(
      old,
      MIGRATIONS.filter((migration) => migration.version <= older.version),
    );
    old.exec(
      `INSERT INTO tasks (id, type, lane, status, priority, maxAttempts, runAtMs, createdAtMs, origin, url, payload)
       VALUES ('old', 'website_html', 'page', 'pending', 5, 3, 1, 1, 'local', 'https://example.org/', '{}')`,
    );
    old.close();

    const database = openDatabase(file);
    expect(database.pragma('user_version', { simple: true })).toBe(PRESENT_VERSION);
    const queue = new Queue({ database, clock: new ManualClock(), random: Math.random });
    const { epoch } = queue.beginEpoch();
    const claimed = claimOne(queue, epoch);
    expect(claimed.task.id).toBe('old');
    expect(queue.complete({ attemptId: claimed.attemptId, result: {}, blobs: [] })).toBe(true);
    expect(queue.statistics().byStatus).toMatchObject({ pending: 0, completed: 1 });
    database.close();
  });

  it('are undone as a whole when a step fails', () => {
    const database = new Database(':memory:');
    const broken = {
      version: 20,
      name: 'broken',
      up: (target: Database.Database): void => {
        target.exec('CREATE TABLE half (a TEXT) STRICT');
        throw new Error('cut off');
      },
    };
    const [first] = MIGRATIONS;
    expect(() => migrate(database, first === undefined ? [] : [first, broken])).toThrow('cut off');
    expect(database.pragma('user_version', { simple: true })).toBe(10);
    expect(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined();
  });
});

describe('a database that cannot be used is refused and left untouched', () => {
  it('when a newer version wrote it', () => {
    const file = emptyStore();
    const newer = new Database(file);
    newer.pragma(`user_version = ${PRESENT_VERSION + 10}`);
    newer.close();
    const error = expectRefused(file, 'newer_database');
    expect(error.message).toContain(String(PRESENT_VERSION + 10));
    expect(error.message).toContain(`up to ${PRESENT_VERSION}`);
    expect(error.message).toMatch(/Update Legwork/);
  });

  it('when a newer version crashed and its mark is only in the write-ahead log', () => {
    const file = emptyStore();
    const newer = new Database(file);
    newer.pragma('wal_autocheckpoint = 0');
    newer.pragma(`user_version = ${PRESENT_VERSION + 10}`);
    const crashed = join(temporaryFolder(), 'legwork.db');
    for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, `${crashed}${end}`);
    newer.close();
    expect(statSync(`${crashed}-wal`).size).toBeGreaterThan(0);
    expectRefused(crashed, 'newer_database');
  });

  it('when it is no database at all', () => {
    const file = join(temporaryFolder(), 'legwork.db');
    writeFileSync(file, 'Dear diary, today I was opened as a database.');
    expect(expectRefused(file, 'damaged_database').message).toMatch(/not a SQLite database/);
    writeFileSync(file, 'x'.repeat(100_000));
    expectRefused(file, 'damaged_database');
  });

  it('when it is another program’s database', () => {
    const file = join(temporaryFolder(), 'legwork.db');
    const foreign = new Database(file);
    foreign.exec('CREATE TABLE recipes (name TEXT)');
    foreign.close();
    expectRefused(file, 'foreign_database');
  });

  it.each([0, 0.5, 1])('when pages of it are overwritten (at %d of its length)', (position) => {
    const { file, database, queue } = openStore();
    queue.enqueueBatch(Array.from({ length: 500 }, (_, index) => localTask({ url: `https://example.org/${index}` })));
    database.close();
    const bytes = readFileSync(file);
    const pages = bytes.length / 4_096;
    const page = Math.max(1, Math.floor(position * (pages - 1)));
    bytes.fill(0xa5, page * 4_096, (page + 1) * 4_096);
    writeFileSync(file, bytes);
    const error = expectRefused(file, 'damaged_database');
    expect(error.message).toMatch(/left as it is/);
    expect(existsSync(`${file}-wal`)).toBe(false);
    expect(existsSync(`${file}-shm`)).toBe(false);
  });

  it('when it is cut off', () => {
    const { file, database, queue } = openStore();
    queue.enqueueBatch(Array.from({ length: 500 }, () => leasedTask(crypto.randomUUID())));
    database.close();
    writeFileSync(file, readFileSync(file).subarray(0, 5 * 4_096 + 17));
    expectRefused(file, 'damaged_database');
  });

  it('when there is a folder in its place', () => {
    const file = join(temporaryFolder(), 'legwork.db');
    mkdirSync(file);
    expect(() => openDatabase(file)).toThrow(expect.objectContaining({ code: 'not_writable' }));
  });
});

it('reports damage that is met later as such', () => {
  const { queue, database } = openStore();
  const { task } = queue.enqueue(localTask());
  database.pragma('ignore_check_constraints = ON');
  database.prepare(`UPDATE tasks SET payload = '[1]' WHERE id = ?`).run(task.id);
  expect(() => queue.get(task.id)).toThrow(expect.objectContaining({ name: 'StoreError', code: 'damaged_database' }));
  expect(() => queue.get(task.id)).toThrow(new RegExp(`${task.id}: payload`));
});
