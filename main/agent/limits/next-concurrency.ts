import type { ConcurrencyState } from './limit-verdict.ts';
import type { MachineReadings } from './machine-readings.ts';

/** What the number of tasks side by side depends on. */
export interface ConcurrencyInput {
  readings: MachineReadings;
  /** Page tasks that hold a slot now. */
  running: number;
  /** What the host has configured. */
  max: number;
  /** Processors of the machine. */
  cpuCount: number;
  /** Share of all processors together, and of the memory, that Legwork may use; 1: all. */
  cpuShare: number;
  memoryShare: number;
  monotonicMs: number;
}

/** What is remembered from one reading to the next. */
export interface ConcurrencyMemory {
  now: number;
  reason: string | null;
  /** Since when more would be possible; null while it is not. */
  roomSinceMs: number | null;
}

/** A step up is made when there has been room for this long, one task at a time. */
export const RISE_AFTER_MS = 10_000;
/** Below this share of waiting time nobody is kept from the processor, however busy it is. */
const CALM_CPU_PRESSURE = 0.1;
/** Where pressure is not measured: so busy that processes have to wait. */
const FULL_CPU_SHARE = 0.9;
/** Below this, other programs only idle along. */
const NOTABLE_OTHER_SHARE = 0.1;
const HIGH_MEMORY_PRESSURE = 0.1;
/** Kept free for other programs: a tenth of the memory, and half a gigabyte at least. */
const KEPT_FREE_SHARE = 0.1;
const KEPT_FREE_BYTES = 512 * 1024 ** 2;
/** What one more page takes, measured with ordinary pages, rounded up. */
const PAGE_BYTES = 150 * 1024 ** 2;

interface Bound {
  most: number;
  reason: string;
}

/**
 * How many page tasks to run side by side from now on. Falls at once to what the machine can bear, rises one by one.
 * Only what other programs use, and what the host has not given, counts against it: Legwork's own browsers fill the
 * processors by themselves, which is no reason to run fewer of them. Pure.
 */
export function nextConcurrency(input: ConcurrencyInput, before: ConcurrencyMemory): ConcurrencyMemory {
  const { max, monotonicMs } = input;
  const bounds = [
    otherPrograms(input),
    freeMemory(input, before.now),
    ownCpu(input, before.now),
    ownMemory(input, before.now),
  ];
  const tightest = bounds
    .filter((bound) => bound !== null)
    .reduce<Bound | null>((least, bound) => (least === null || bound.most < least.most ? bound : least), null);
  const most = Math.max(1, Math.min(max, tightest?.most ?? max));
  const now = Math.min(before.now, max);
  const reason = most < max ? (tightest?.reason ?? null) : null;
  if (most < now) return { now: most, reason, roomSinceMs: null };
  if (most === now) return { now, reason, roomSinceMs: null };
  const roomSinceMs = before.roomSinceMs ?? monotonicMs;
  if (monotonicMs - roomSinceMs < RISE_AFTER_MS) return { now, reason: reason ?? before.reason, roomSinceMs };
  const risen = now + 1;
  return { now: risen, reason: risen < max ? (reason ?? before.reason) : null, roomSinceMs: monotonicMs };
}

/** What is remembered, as people see it. */
export function concurrencyState({ now, reason }: ConcurrencyMemory, max: number): ConcurrencyState {
  return { now: Math.min(now, max), max, reason: now < max ? reason : null };
}

/**
 * Other programs' share of the processors is not there for tasks. It counts only while processes have to wait for a
 * processor: on a machine with many of them both have room.
 */
function otherPrograms({ readings, running, max, cpuCount }: ConcurrencyInput): Bound | null {
  const { cpuBusyShare: busy, cpuPressure } = readings;
  if (busy === null) return null;
  const isContended = cpuPressure === null ? busy > FULL_CPU_SHARE : cpuPressure > CALM_CPU_PRESSURE;
  // Where it cannot be measured, each task is taken to fill one processor: others use what is left, at least.
  const own = readings.cpuOwnShare ?? Math.min(busy, running / cpuCount);
  const others = Math.max(0, busy - own);
  if (!isContended || others < NOTABLE_OTHER_SHARE) return null;
  return { most: Math.floor(max * (1 - others)), reason: 'the machine is busy' };
}

function freeMemory({ readings }: ConcurrencyInput, now: number): Bound | null {
  const { memoryTotalBytes: total, memoryAvailableBytes: available, memoryPressure } = readings;
  const reason = 'memory is short';
  if (memoryPressure !== null && memoryPressure > HIGH_MEMORY_PRESSURE) return { most: now - 1, reason };
  if (total === null || available === null) return null;
  const keptFree = Math.max(KEPT_FREE_BYTES, total * KEPT_FREE_SHARE);
  if (available < keptFree / 2) return { most: Math.floor(now / 2), reason };
  if (available < keptFree) return { most: now - 1, reason };
  return available < keptFree + PAGE_BYTES ? { most: now, reason } : null;
}

function ownCpu({ readings, cpuShare }: ConcurrencyInput, now: number): Bound | null {
  const own = readings.cpuOwnShare;
  if (cpuShare >= 1 || own === null || own === 0) return null;
  const reason = 'Legwork uses its share of the processors';
  if (own > cpuShare) return { most: Math.min(now - 1, Math.floor((now * cpuShare) / own)), reason };
  // One more task takes about as much as each of those that run.
  return (own * (now + 1)) / now > cpuShare ? { most: now, reason } : null;
}

function ownMemory({ readings, memoryShare }: ConcurrencyInput, now: number): Bound | null {
  const { memoryTotalBytes: total, memoryOwnBytes: own } = readings;
  if (memoryShare >= 1 || total === null || own === null) return null;
  const reason = 'Legwork uses its share of the memory';
  if (own > total * memoryShare) return { most: now - 1, reason };
  return own + PAGE_BYTES > total * memoryShare ? { most: now, reason } : null;
}
