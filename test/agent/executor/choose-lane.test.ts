import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseLane, TURN_LIMIT_MS, type LaneState } from '../../../main/agent/executor/choose-lane.ts';

const idle: LaneState = {
  runningPage: 0,
  runningExclusive: 0,
  duePage: 0,
  dueExclusive: 0,
  maxConcurrent: 4,
  turn: 'page',
  turnStartedMs: 0,
  otherWaitingSinceMs: null,
  nowMs: 0,
};

describe('choosing the lane', () => {
  it('fills the free slots with page tasks', () => {
    expect(chooseLane({ ...idle, duePage: 9, runningPage: 1 })).toEqual({ turn: 'page', start: 3 });
  });

  it('starts a waiting audit at once when no page task is due and none runs', () => {
    expect(chooseLane({ ...idle, dueExclusive: 2 })).toEqual({ turn: 'exclusive', start: 1 });
  });

  it('lets running pages finish before an audit and starts no page meanwhile', () => {
    const state = { ...idle, runningPage: 2, dueExclusive: 1 };
    expect(chooseLane(state)).toEqual({ turn: 'exclusive', start: 0 });
    expect(chooseLane({ ...state, turn: 'exclusive', duePage: 5 })).toEqual({ turn: 'exclusive', start: 0 });
    expect(chooseLane({ ...state, turn: 'exclusive', runningPage: 0, duePage: 5 })).toEqual({
      turn: 'exclusive',
      start: 1,
    });
  });

  it('starts nothing beside a running audit', () => {
    expect(chooseLane({ ...idle, turn: 'exclusive', runningExclusive: 1, duePage: 5, dueExclusive: 3 }).start).toBe(0);
  });

  it('keeps a lane its turn while it has work, and gives the turn over when the other has waited for the limit', () => {
    const busy = { ...idle, duePage: 5, dueExclusive: 1, otherWaitingSinceMs: 0 };
    expect(chooseLane({ ...busy, nowMs: TURN_LIMIT_MS.page - 1 }).turn).toBe('page');
    expect(chooseLane({ ...busy, nowMs: TURN_LIMIT_MS.page }).turn).toBe('exclusive');
    const auditing = { ...busy, turn: 'exclusive' as const };
    expect(chooseLane({ ...auditing, nowMs: TURN_LIMIT_MS.exclusive - 1 })).toEqual({ turn: 'exclusive', start: 1 });
    expect(chooseLane({ ...auditing, nowMs: TURN_LIMIT_MS.exclusive })).toEqual({ turn: 'page', start: 4 });
  });

  it('never runs an audit beside anything, never exceeds the limit, and never stalls with work due and nothing running', () => {
    const count = fc.integer({ min: 0, max: 6 });
    const state = fc.record<LaneState>({
      runningPage: count,
      runningExclusive: fc.integer({ min: 0, max: 1 }),
      duePage: count,
      dueExclusive: count,
      maxConcurrent: fc.integer({ min: 1, max: 6 }),
      turn: fc.constantFrom('page' as const, 'exclusive' as const),
      turnStartedMs: fc.constant(0),
      otherWaitingSinceMs: fc.option(fc.constant(0)),
      nowMs: fc.integer({ min: 0, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(state, (given) => {
        const { turn, start } = chooseLane(given);
        if (start > 0 && turn === 'exclusive') expect(given.runningPage + given.runningExclusive + start).toBe(1);
        if (start > 0 && turn === 'page') {
          expect(given.runningExclusive).toBe(0);
          expect(given.runningPage + start).toBeLessThanOrEqual(given.maxConcurrent);
        }
        const nothingRuns = given.runningPage + given.runningExclusive === 0;
        if (nothingRuns && given.duePage + given.dueExclusive > 0) expect(start).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });
});
