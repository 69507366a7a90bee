import { describe, expect, it } from 'vitest';
import type { MachineReadings } from '../../../main/agent/limits/machine-readings.ts';
import {
  concurrencyState,
  nextConcurrency,
  RISE_AFTER_MS,
  type ConcurrencyInput,
  type ConcurrencyMemory,
} from '../../../main/agent/limits/next-concurrency.ts';
import { CALM } from './limit-fixture.ts';

function input(readings: Partial<MachineReadings>, given: Partial<ConcurrencyInput> = {}): ConcurrencyInput {
  return {
    readings: { ...CALM, ...readings },
    running: 6,
    max: 6,
    cpuCount: 4,
    cpuShare: 1,
    memoryShare: 1,
    monotonicMs: 0,
    ...given,
  };
}

function at(now: number, reason: string | null = null): ConcurrencyMemory {
  return { now, reason, roomSinceMs: null };
}

/** Others use what is given of all processors, Legwork the rest, and processes have to wait. */
function contended(others: number): Partial<MachineReadings> {
  return { cpuBusyShare: 1, cpuOwnShare: 1 - others, cpuPressure: 0.5 };
}

describe('the number of tasks side by side', () => {
  it.each([
    ['nothing else runs, and Legwork fills the machine', contended(0), 6],
    ['a program idles along', contended(0.09), 6],
    ['others use a third', contended(0.34), 3],
    ['others use half', contended(0.5), 3],
    ['others use nearly all', contended(0.95), 1],
    ['others use half, but nobody has to wait', { ...contended(0.5), cpuPressure: 0.05 }, 6],
    ['others use half, pressure is not measured', { ...contended(0.5), cpuPressure: null }, 3],
    [
      'others use half of a machine with room, pressure is not measured',
      { cpuBusyShare: 0.8, cpuOwnShare: 0.3, cpuPressure: null },
      6,
    ],
    ['nothing is known', { cpuBusyShare: null, cpuOwnShare: null, cpuPressure: null, memoryTotalBytes: null }, 6],
    ['memory is short', { memoryAvailableBytes: 1.5e9 }, 5],
    ['memory is very short', { memoryAvailableBytes: 0.5e9 }, 3],
    ['memory is just enough', { memoryAvailableBytes: 1.65e9 }, 6],
    ['processes wait for memory', { memoryPressure: 0.2 }, 5],
    ['memory is very short, and others use nearly all', { ...contended(0.95), memoryAvailableBytes: 0.5e9 }, 1],
  ])('falls at once: %s', (_what, readings, expected) => {
    expect(nextConcurrency(input(readings), at(6)).now).toBe(expected);
  });

  it('counts what is left to others where its own use cannot be told', () => {
    const busy = { cpuBusyShare: 1, cpuOwnShare: null, cpuPressure: null };
    expect(nextConcurrency(input(busy, { running: 6, cpuCount: 4 }), at(6)).now).toBe(6);
    expect(nextConcurrency(input(busy, { running: 2, cpuCount: 4 }), at(6)).now).toBe(3);
    expect(nextConcurrency(input(busy, { running: 0, cpuCount: 4 }), at(6)).now).toBe(1);
  });

  it('never falls below one', () => {
    const worst = { ...contended(1), memoryAvailableBytes: 0, memoryPressure: 1 };
    expect(nextConcurrency(input(worst, { max: 1 }), at(1))).toMatchObject({ now: 1 });
  });

  it('does not throttle itself, however long it fills the machine by itself', () => {
    let memory = at(6);
    for (let second = 0; second < 600; second += 2) {
      memory = nextConcurrency(input(contended(0.05), { monotonicMs: second * 1_000 }), memory);
    }
    expect(memory.now).toBe(6);
  });

  it('rises one by one, each after a while of room, and says why it is not there yet', () => {
    let memory = nextConcurrency(input(contended(0.9)), at(6));
    expect(concurrencyState(memory, 6)).toEqual({ now: 1, max: 6, reason: 'the machine is busy' });
    const risenAtMs: number[] = [];
    for (let monotonicMs = 0; monotonicMs <= 70_000; monotonicMs += 2_000) {
      const next = nextConcurrency(input({}, { monotonicMs }), memory);
      if (next.now > memory.now) risenAtMs.push(monotonicMs);
      memory = next;
      if (memory.now < 6) expect(memory.reason).toBe('the machine is busy');
    }
    expect(risenAtMs).toEqual([1, 2, 3, 4, 5].map((step) => step * RISE_AFTER_MS));
    expect(concurrencyState(memory, 6)).toEqual({ now: 6, max: 6, reason: null });
  });

  it('begins to wait anew when there was no room in between', () => {
    let memory = at(2, 'the machine is busy');
    memory = nextConcurrency(input({}, { monotonicMs: 0 }), memory);
    memory = nextConcurrency(input(contended(0.6), { monotonicMs: 8_000 }), memory);
    expect(memory.now).toBe(2);
    memory = nextConcurrency(input({}, { monotonicMs: 10_000 }), memory);
    expect(nextConcurrency(input({}, { monotonicMs: 18_000 }), memory).now).toBe(2);
    expect(nextConcurrency(input({}, { monotonicMs: 20_000 }), memory).now).toBe(3);
  });

  it('rises only as far as there is room', () => {
    const half = contended(0.5);
    let memory = at(1, 'the machine is busy');
    for (let monotonicMs = 0; monotonicMs < 200_000; monotonicMs += 2_000) {
      memory = nextConcurrency(input(half, { monotonicMs }), memory);
    }
    expect(memory).toMatchObject({ now: 3, reason: 'the machine is busy' });
  });

  it('keeps to the shares that the host has given', () => {
    const own = (cpuOwnShare: number) => input({ cpuOwnShare, cpuBusyShare: cpuOwnShare }, { cpuShare: 0.5 });
    expect(nextConcurrency(own(1), at(6))).toMatchObject({
      now: 3,
      reason: 'Legwork uses its share of the processors',
    });
    expect(nextConcurrency(own(0.51), at(6)).now).toBe(5);
    expect(nextConcurrency(own(0.48), at(4))).toMatchObject({ now: 4 });
    const memory = input({ memoryOwnBytes: 2e9 }, { memoryShare: 0.1 });
    expect(nextConcurrency(memory, at(6))).toMatchObject({ now: 5, reason: 'Legwork uses its share of the memory' });
  });

  it('follows a maximum that the host lowers', () => {
    expect(nextConcurrency(input({}, { max: 2 }), at(6)).now).toBe(2);
  });
});
