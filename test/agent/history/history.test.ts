import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUCKET_SQL } from '../../../main/agent/history/activity-buckets.ts';
import type { AttemptFilter } from '../../../main/agent/history/attempt-filter.ts';
import { compareKeys } from '../../../main/agent/history/attempt-filter.ts';
import { READ_ATTEMPT_SQL, RUNNING_SQL } from '../../../main/agent/history/attempt-rows.ts';
import { HOSTS_SQL, LAST_SQL } from '../../../main/agent/history/facets.ts';
import { History } from '../../../main/agent/history/history.ts';
import { countSql, pageSql } from '../../../main/agent/history/list-attempts.ts';
import { ENDED_SQL, nextSql, RECENT_SQL } from '../../../main/agent/history/overview.ts';
import { PAGES_SQL, POINTS_SQL } from '../../../main/agent/history/scores.ts';
import { searchSql } from '../../../main/agent/history/search-attempts.ts';
import { stepSql } from '../../../main/agent/history/walk-attempts.ts';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { fillHistory } from '../../support/fill-history.ts';

const ALL: AttemptFilter = { text: '', type: null, outcome: null, site: null, fromMs: null, toMs: null };
const ATTEMPTS = 100_000;

let folder: string;
let file: string;
let history: History;
let endMs: number;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-history-'));
  file = join(folder, 'legwork.sqlite');
  openDatabase(file).close();
  endMs = Date.now() - 1_000;
  fillHistory(file, { attempts: ATTEMPTS, endMs });
  history = new History(file, systemClock);
});
afterAll(() => {
  history.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('plans on a history of 100,000 attempts', () => {
  let database: Database.Database;
  beforeAll(() => {
    database = new Database(file, { readonly: true });
  });
  afterAll(() => void database.close());

  /** The steps of a statement's plan, as SQLite words them. */
  function plan(sql: string): string {
    const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, 1]));
    const positional = [...sql.replaceAll(/'[^']*'/g, '').matchAll(/\?/g)].map(() => 1);
    return database
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...(positional.length > 0 ? positional : [named]))
      .map(({ detail }) => detail)
      .join('\n');
  }

  const filters: [string, AttemptFilter][] = [
    ['everything', ALL],
    ['a type', { ...ALL, type: 'website_html' }],
    ['an outcome', { ...ALL, outcome: 'failed' }],
    ['a host', { ...ALL, site: 'host-1.example' }],
    ['all of it', { text: '', type: 'a', outcome: 'failed', site: 'b', fromMs: 1, toMs: 2 }],
  ];
  it.each(filters)('pages, totals and exports of %s read the index alone, in its order', (_, filter) => {
    for (const sql of [pageSql(filter), countSql(filter), stepSql(filter)]) {
      expect(plan(sql)).toMatch(/^SEARCH attempts USING COVERING INDEX attempts_by_start \(/);
      expect(plan(sql)).not.toMatch(/TEMP B-TREE|SCAN/);
    }
  });

  it('a search walks through the rows as they are stored', () => {
    expect(plan(searchSql({ ...ALL, text: 'x' }))).toMatch(/^SEARCH attempts USING PRIMARY KEY \(/);
    expect(plan(searchSql({ ...ALL, text: 'x' }))).not.toMatch(/TEMP B-TREE|SCAN/);
  });

  it.each([
    ['rows', READ_ATTEMPT_SQL],
    ['what runs', RUNNING_SQL],
    ['the latest tasks', RECENT_SQL],
    ['today', ENDED_SQL],
    ['waiting pages', nextSql('page')],
    ['waiting audits', nextSql('exclusive')],
    ['an hour of the chart', BUCKET_SQL],
    ['the end of a step', LAST_SQL],
    ['scores of a page', POINTS_SQL],
  ])('%s: a search of an index', (_, sql) => {
    const steps = plan(sql);
    expect(steps).toMatch(/^SEARCH/);
    expect(steps).not.toMatch(/SCAN (?!CONSTANT)/);
    // Of today's few statuses only.
    if (sql !== ENDED_SQL) expect(steps).not.toContain('TEMP B-TREE');
  });

  it('hosts: the next of the index, and their few names sorted out', () => {
    expect(plan(HOSTS_SQL)).toContain('SEARCH attempts USING COVERING INDEX attempts_by_start (');
    expect(plan(HOSTS_SQL)).not.toContain('SCAN attempts');
  });

  it('scored pages: the small table in the order of its index', () => {
    expect(plan(PAGES_SQL)).toMatch(/^SCAN pageScores USING INDEX pageScores_by_page/);
    expect(plan(PAGES_SQL)).not.toContain('TEMP B-TREE');
  });
});

describe('lists', () => {
  it('are the same in pages as in one walk, each attempt once, newest first', async () => {
    const filter = { ...ALL, outcome: 'failed' as const, toMs: endMs };
    const paged = [];
    for (let offset = 0; ; offset += 200) {
      const { rows, total } = await history.list(filter, offset, 200);
      paged.push(...rows);
      if (paged.length >= total || rows.length === 0) break;
    }
    const walked = [];
    for await (const some of history.walk(filter)) walked.push(...some);
    expect(paged.map(({ attemptId }) => attemptId)).toEqual(walked.map(({ attemptId }) => attemptId));
    expect(new Set(paged.map(({ attemptId }) => attemptId)).size).toBe(paged.length);
    expect(paged.toSorted(compareKeys)).toEqual(paged);
    expect(paged.every(({ outcome }) => outcome === 'failed')).toBe(true);
  });

  it('find a part of a URL or of an id, whatever it is made of', async () => {
    expect((await history.list({ ...ALL, text: '/PAGE/777' }, 0, 200)).rows.length).toBeGreaterThan(10);
    expect((await history.list({ ...ALL, text: '%' }, 0, 10)).total).toBe(0);
    expect((await history.list({ ...ALL, text: `'; DROP TABLE attempts; --` }, 0, 10)).total).toBe(0);
    const [row] = (await history.list(ALL, 40_000, 1)).rows;
    const found = await history.list({ ...ALL, text: row?.taskId ?? '' }, 0, 10);
    expect(found.rows).toContainEqual(row);
  });

  it('let everything else run while they search', async () => {
    let turns = 0;
    let next = setImmediate(takeTurn);
    function takeTurn(): void {
      turns += 1;
      next = setImmediate(takeTurn);
    }
    await history.list({ ...ALL, text: 'nowhere-in-it' }, 0, 10);
    clearImmediate(next);
    expect(turns).toBeGreaterThan(50);
  });

  it('end where they end', async () => {
    const { total } = await history.list(ALL, 0, 1);
    expect(total).toBeGreaterThanOrEqual(ATTEMPTS);
    expect((await history.list(ALL, total - 1, 10)).rows).toHaveLength(1);
    expect((await history.list(ALL, total, 10)).rows).toEqual([]);
    expect((await history.list({ ...ALL, fromMs: endMs + 1 }, 0, 10)).total).toBe(0);
  });

  it('offer hosts and types, and scores of pages', async () => {
    const { types, hosts } = await history.facets();
    expect(types).toEqual(['lighthouse_html', 'website_html']);
    expect(hosts).toHaveLength(200);
    expect((await history.auditedPages('HOST-0')).map(({ url }) => url)).toContain('https://host-0.example/');
  });
});

it('keeps running attempts in their place among those that have ended', async () => {
  const own = join(folder, 'running.sqlite');
  const database = openDatabase(own);
  const clock = new ManualClock();
  const queue = new Queue({ database, clock, random: () => 0 });
  const { epoch } = queue.beginEpoch();
  const claim = (path: string) => {
    queue.enqueue({ type: 'website_html', url: `https://a.example/${path}`, payload: {}, lane: 'page' });
    const [claimed] = queue.claim({ lane: 'page', limit: 1, epoch });
    if (claimed === undefined) throw new Error('nothing was claimed');
    return claimed.attemptId;
  };
  const started: string[] = [];
  for (let number = 0; number < 12; number += 1) {
    started.push(claim(String(number)));
    await clock.advance(3);
  }
  // Every third goes on; the others have ended.
  started.forEach((attemptId, index) => {
    if (index % 3 !== 0) queue.complete({ attemptId, result: {}, blobs: [] });
  });
  const reading = new History(own, clock);
  const expected = started.toReversed();
  for (let limit = 1; limit <= 13; limit += 1) {
    const listed: string[] = [];
    for (let offset = 0; offset < 12; offset += limit) {
      const { rows, total } = await reading.list(ALL, offset, limit);
      expect(total).toBe(12);
      listed.push(...rows.map(({ attemptId }) => attemptId));
    }
    expect(listed).toEqual(expected);
  }
  expect((await reading.list({ ...ALL, outcome: 'running' }, 0, 10)).total).toBe(4);
  expect((await reading.list({ ...ALL, text: 'example/3' }, 0, 10)).rows).toMatchObject([{ outcome: 'running' }]);
  reading.close();
  database.close();
});
