import { describe, expect, it } from 'vitest';
import { CLAIM_SQL, nextRunSql } from '../../../main/agent/queue/claim.ts';
import { HELD_SQL } from '../../../main/agent/queue/leases.ts';
import { DUE_SQL } from '../../../main/agent/queue/outbox-store.ts';
import { listSql } from '../../../main/agent/queue/read-tasks.ts';
import { nextInLineSql, setAsideSql } from '../../../main/agent/queue/site-turns.ts';
import { openStore } from './queue-fixture.ts';

/** The steps of a statement's plan, as SQLite words them. */
function plan(sql: string, positional: unknown[] = []): string[] {
  const named = Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name, 1]));
  const parameters = positional.length > 0 ? positional : [named];
  return openStore()
    .database.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
    .all(...parameters)
    .map(({ detail }) => detail);
}

describe('plans of the hot statements', () => {
  it('claim: by rowid, as it was found in line', () => {
    expect(plan(CLAIM_SQL)).toEqual(['SEARCH tasks USING INTEGER PRIMARY KEY (rowid=?)']);
  });

  it('next run: one search for each priority', () => {
    const steps = plan(nextRunSql('page'));
    expect(steps).toContain(
      'SEARCH tasks USING COVERING INDEX tasks_live (status=? AND waitsForSite=? AND lane=? AND priority=?)',
    );
    expect(steps.join('\n')).not.toMatch(/SCAN tasks|TEMP B-TREE/);
  });

  it('next in line: a bounded search of the covering index alone, in its order', () => {
    expect(plan(nextInLineSql('page'))).toEqual([
      'SEARCH tasks USING COVERING INDEX tasks_live (status=? AND waitsForSite=? AND lane=? AND priority=? AND runAtMs<?)',
    ]);
  });

  it('set aside for a site: the covering index alone, in its order', () => {
    expect(plan(setAsideSql('page'))).toEqual([
      'SEARCH tasks USING COVERING INDEX tasks_waiting_for_site (lane=? AND site=?)',
    ]);
  });

  it.each([
    [{}, 'tasks_by_creation (createdAtMs>? AND createdAtMs<?)'],
    [{ status: 'failed' as const }, 'tasks_not_completed (status=? AND createdAtMs>? AND createdAtMs<?)'],
    [{ status: 'completed' as const }, 'tasks_by_creation (createdAtMs>? AND createdAtMs<?)'],
    [{ type: 'website_html' }, 'tasks_by_type (type=? AND createdAtMs>? AND createdAtMs<?)'],
    [
      { status: 'cancelled' as const, type: 'website_html' },
      'tasks_not_completed (status=? AND createdAtMs>? AND createdAtMs<?)',
    ],
    [
      { status: 'completed' as const, type: 'website_html' },
      'tasks_by_type (type=? AND createdAtMs>? AND createdAtMs<?)',
    ],
    [{ text: 'shop', origin: 'hub' as const }, 'tasks_by_creation (createdAtMs>? AND createdAtMs<?)'],
  ])('list %j: a search in the order of the page', (filter, index) => {
    const steps = plan(listSql(filter)).join('\n');
    expect(steps).toContain(index);
    expect(steps).not.toMatch(/SCAN|TEMP B-TREE/);
  });

  it.each(['pending', 'processing'] as const)(
    'list of %s: sorts what has not ended, and reads nothing else',
    (status) => {
      const steps = plan(listSql({ status }));
      expect(steps).toEqual([
        'SEARCH tasks USING COVERING INDEX tasks_live (status=?)',
        'USE TEMP B-TREE FOR ORDER BY',
      ]);
    },
  );

  it('outbox: only what waits, in its order', () => {
    const steps = plan(DUE_SQL, [1]);
    expect(steps[0]).toMatch(/^SCAN outbox USING (COVERING )?INDEX outbox_waiting$/);
    expect(steps.slice(1).every((step) => step.startsWith('SEARCH'))).toBe(true);
  });

  it('heartbeat: only leases that are held', () => {
    const steps = plan(HELD_SQL);
    expect(steps[0]).toMatch(/tasks_held/);
  });
});
