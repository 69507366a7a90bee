import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createIdSource } from '../../../main/agent/queue/time-sortable-id.ts';
import { ManualClock } from './queue-fixture.ts';

it('makes UUIDs of version 7 that sort in the order of making, even when the clock goes back', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -5_000, max: 5_000 }), { maxLength: 200 }), (moves) => {
      const clock = new ManualClock();
      const newId = createIdSource(clock);
      const ids = moves.map((byMs) => {
        clock.advance(byMs);
        return newId();
      });
      for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect([...ids].sort()).toEqual(ids);
      expect(new Set(ids).size).toBe(ids.length);
    }),
  );
});

it('carries the time, and does not run dry within a millisecond', () => {
  const clock = new ManualClock();
  const newId = createIdSource(clock);
  expect(Number.parseInt(newId().replace('-', '').slice(0, 12), 16)).toBe(clock.nowMs());
  const ids = Array.from({ length: 10_000 }, newId);
  expect([...ids].sort()).toEqual(ids);
});

it('does not repeat ids between two sources at the same time', () => {
  const clock = new ManualClock();
  const [one, two] = [createIdSource(clock), createIdSource(clock)];
  const ids = Array.from({ length: 1_000 }, () => [one(), two()]).flat();
  expect(new Set(ids).size).toBe(2_000);
});
