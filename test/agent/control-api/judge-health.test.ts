import { describe, expect, it } from 'vitest';
import { HEALTH_LIMITS, type HealthFacts, judgeHealth } from '../../../main/agent/control-api/judge-health.ts';

const NOW_MS = 1_790_000_000_000;
const MINUTE_MS = 60_000;

const WELL: HealthFacts = {
  nowMs: NOW_MS,
  hub: { state: 'connected', reason: null, sinceMs: NOW_MS - 3_600_000 },
  attempts: ['ok', 'ok', 'infrastructure', 'other', 'ok'],
  isBrowserMissing: false,
  disk: null,
  store: null,
  clockOffsetMs: 0,
  dueAndIdleSinceMs: null,
};

function codes(facts: Partial<HealthFacts>): string[] {
  return judgeHealth({ ...WELL, ...facts }).map(({ code }) => code);
}

const away = (state: string, minutes: number): HealthFacts['hub'] => ({
  state,
  reason: 'connect ECONNREFUSED',
  sinceMs: NOW_MS - minutes * MINUTE_MS,
});
const failures = (count: number): HealthFacts['attempts'] => Array.from({ length: count }, () => 'infrastructure');

describe('what is wrong with an agent', () => {
  it.each<[string, Partial<HealthFacts>, string[]]>([
    ['nothing', {}, []],
    ['nothing, without a hub', { hub: null }, []],
    ['nothing, when it says goodbye', { hub: away('ended', 60) }, []],
    ['a hub that is away for a moment', { hub: away('offline', 4.9) }, []],
    ['a hub that is away for long', { hub: away('offline', 5) }, ['hub_unreachable']],
    ['a hub that never answered', { hub: away('connecting', 6) }, ['hub_unreachable']],
    ['a hub that does not accept it', { hub: away('unaccepted', 0) }, ['hub_refuses']],
    ['a hub that has revoked it', { hub: away('revoked', 0) }, ['hub_refuses']],
    ['a newer start of it', { hub: away('superseded', 0) }, ['hub_refuses']],
    ['no browser', { isBrowserMissing: true, attempts: failures(9) }, ['browser_missing']],
    ['a browser that fails again and again', { attempts: failures(HEALTH_LIMITS.failedAttempts) }, ['browser_failing']],
    ['a browser that has failed less often', { attempts: failures(HEALTH_LIMITS.failedAttempts - 1) }, []],
    ['a browser that works again', { attempts: [...failures(9), 'ok'] }, []],
    ['pages that fail', { attempts: Array.from({ length: 9 }, () => 'other' as const) }, []],
    ['a full disk', { disk: 'There is no room.' }, ['disk_low']],
    ['a store that refuses', { store: 'disk I/O error' }, ['store_failing']],
    ['a clock that is a little off', { clockOffsetMs: 29_999 }, []],
    ['a clock that is behind', { clockOffsetMs: 30_000 }, ['clock_off']],
    ['a clock that is ahead', { clockOffsetMs: -400_000 }, ['clock_off']],
    ['tasks that wait for a moment', { dueAndIdleSinceMs: NOW_MS - 4 * MINUTE_MS }, []],
    ['tasks that wait for long', { dueAndIdleSinceMs: NOW_MS - 5 * MINUTE_MS }, ['queue_stuck']],
    [
      'all at once, the gravest first',
      {
        disk: 'x',
        store: 'y',
        attempts: failures(5),
        hub: away('offline', 99),
        dueAndIdleSinceMs: 0,
        clockOffsetMs: 99_999,
      },
      ['disk_low', 'store_failing', 'browser_failing', 'hub_unreachable', 'queue_stuck', 'clock_off'],
    ],
  ])('%s', (_what, facts, expected) => {
    expect(codes(facts)).toEqual(expected);
  });

  it('is said with its measure, its cause and since when', () => {
    const [hub] = judgeHealth({ ...WELL, hub: away('offline', 61) });
    expect(hub).toEqual({
      code: 'hub_unreachable',
      message: 'The hub has not answered for 61 minutes. connect ECONNREFUSED',
      sinceMs: NOW_MS - 61 * MINUTE_MS,
    });
    const [clock] = judgeHealth({ ...WELL, clockOffsetMs: -45_200 });
    expect(clock?.message).toBe("The clock of this machine is 45 s ahead of the hub's. Set it.");
  });
});
