import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backoffMs, LONGEST_PAUSE_MS, retryDecision, TASK_BACKOFF } from '../../main/agent/backoff.ts';
import { ERROR_CODES, ERROR_TABLE } from '../../main/protocol/error-table.ts';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const nowMs = 1_700_000_000_000;

describe('backoffMs', () => {
  it('stays between 0 and 2^n seconds, and never over the cap', () => {
    fc.assert(
      fc.property(fc.nat(2_000), random, (failures, value) => {
        const delayMs = backoffMs({ failures, random: () => value, ...TASK_BACKOFF });
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(0);
        expect(delayMs).toBeLessThanOrEqual(Math.min(300_000, 1_000 * 2 ** failures));
      }),
    );
  });

  it('uses the whole range: full jitter', () => {
    expect(backoffMs({ failures: 3, random: () => 0, ...TASK_BACKOFF })).toBe(0);
    expect(backoffMs({ failures: 3, random: () => 1 - Number.EPSILON, ...TASK_BACKOFF })).toBe(8_000);
    expect(backoffMs({ failures: 60, random: () => 1 - Number.EPSILON, ...TASK_BACKOFF })).toBe(300_000);
  });
});

describe('retryDecision', () => {
  const decide = (overrides: Partial<Parameters<typeof retryDecision>[0]>) =>
    retryDecision({
      code: 'page_timeout',
      attempts: 1,
      maxAttempts: 3,
      nowMs,
      notBeforeMs: undefined,
      random: () => 0.5,
      ...overrides,
    });

  it('follows the error table for every code, and ends when the attempts are used up', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ERROR_CODES),
        fc.nat(20),
        fc.integer({ min: 1, max: 20 }),
        random,
        (code, attempts, maxAttempts, value) => {
          const decision = decide({ code, attempts, maxAttempts, random: () => value });
          const mayRetry = ERROR_TABLE[code].retry === 'backoff' && attempts < maxAttempts;
          expect(decision.kind).toBe(mayRetry ? 'retry' : 'final');
          if (decision.kind === 'retry') {
            expect(decision.runAtMs).toBeGreaterThanOrEqual(nowMs);
            expect(decision.runAtMs).toBeLessThanOrEqual(nowMs + Math.min(300_000, 1_000 * 2 ** attempts));
          }
        },
      ),
    );
  });

  it('never tries again before the time that the site asked for', () => {
    fc.assert(
      fc.property(fc.integer({ min: -LONGEST_PAUSE_MS, max: LONGEST_PAUSE_MS }), random, (offsetMs, value) => {
        const notBeforeMs = nowMs + offsetMs;
        const decision = decide({ notBeforeMs, random: () => value });
        expect(decision.kind).toBe('retry');
        if (decision.kind === 'retry') expect(decision.runAtMs).toBeGreaterThanOrEqual(Math.max(nowMs, notBeforeMs));
      }),
    );
  });

  it('gives up when the site asks for more than a day, without trying earlier', () => {
    expect(decide({ notBeforeMs: nowMs + LONGEST_PAUSE_MS + 1 })).toEqual({ kind: 'final' });
    expect(decide({ notBeforeMs: Number.POSITIVE_INFINITY })).toEqual({ kind: 'final' });
  });
});
