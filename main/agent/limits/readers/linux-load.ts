import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineReader, MachineReadings, ReadingScope } from '../machine-readings.ts';

/** A process as proc(5) has it in `stat`; times are in clock ticks. */
interface ProcessTimes {
  processId: number;
  parentId: number;
  /** Its own time, and that of its ended children. */
  ticks: number;
}

/** Processor time since the start of the machine, in clock ticks, at one moment. */
interface TimesReading {
  totalTicks: number;
  idleTicks: number;
}

/** What one page of memory holds; the size that Linux uses wherever Chromium runs, but for a few ARM machines. */
const MEMORY_PAGE_BYTES = 4_096;

/**
 * Use of processors and memory by the whole machine and by this process with all its descendants, and how long
 * processes had to wait for them, from `/proc` (proc(5); pressure stall information, where the kernel has it).
 */
export class LinuxLoadReader implements MachineReader {
  readonly #proc: string;
  readonly #ownProcessId: number;
  #before: TimesReading | null = null;
  /** At the last reading that looked at the own processes, which may be longer ago. */
  #ownBefore: { totalTicks: number; ownTicks: number } | null = null;

  constructor(options: { procFolder?: string; ownProcessId?: number } = {}) {
    this.#proc = options.procFolder ?? '/proc';
    this.#ownProcessId = options.ownProcessId ?? process.pid;
  }

  read(scope: ReadingScope = 'all'): Promise<Partial<MachineReadings>> {
    const times = this.#times();
    const cpuBusyShare = times === null ? null : this.#busyShare(times);
    return Promise.resolve({
      cpuBusyShare,
      ...this.#memory(),
      cpuPressure: this.#pressure('cpu'),
      memoryPressure: this.#pressure('memory'),
      ...(scope === 'all' ? this.#ownUse(times, cpuBusyShare) : {}),
    });
  }

  close(): void {
    // Nothing is kept open.
  }

  #times(): TimesReading | null {
    const fields = this.#text('stat')?.split('\n')[0]?.split(/\s+/).slice(1).map(Number);
    if (fields === undefined || fields.length < 5 || fields.some((field) => !Number.isFinite(field))) return null;
    // Guest time, from the ninth field on, is part of user time already.
    const totalTicks = fields.slice(0, 8).reduce((sum, field) => sum + field, 0);
    return { totalTicks, idleTicks: (fields[3] ?? 0) + (fields[4] ?? 0) };
  }

  #busyShare(now: TimesReading): number | null {
    const before = this.#before;
    const passedTicks = before === null ? 0 : now.totalTicks - before.totalTicks;
    if (before !== null && passedTicks <= 0) return null;
    this.#before = now;
    return before === null ? null : share(passedTicks - (now.idleTicks - before.idleTicks), passedTicks);
  }

  #ownUse(
    now: TimesReading | null,
    cpuBusyShare: number | null,
  ): Pick<MachineReadings, 'cpuOwnShare' | 'memoryOwnBytes'> {
    const own = processTree(this.#ownProcessId, this.#processes());
    if (own.length === 0 || now === null) return { cpuOwnShare: null, memoryOwnBytes: null };
    const ownTicks = own.reduce((sum, { ticks }) => sum + ticks, 0);
    const before = this.#ownBefore;
    const passedTicks = before === null ? 0 : now.totalTicks - before.totalTicks;
    if (before === null || passedTicks > 0) this.#ownBefore = { totalTicks: now.totalTicks, ownTicks };
    const isKnown = before !== null && passedTicks > 0 && cpuBusyShare !== null;
    return {
      cpuOwnShare: isKnown ? Math.min(cpuBusyShare, share(ownTicks - before.ownTicks, passedTicks)) : null,
      memoryOwnBytes: this.#memoryOf(own),
    };
  }

  #memory(): Pick<MachineReadings, 'memoryTotalBytes' | 'memoryAvailableBytes'> {
    const text = this.#text('meminfo') ?? '';
    const bytes = (field: string): number | null => {
      const match = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text);
      return match === null ? null : Number(match[1]) * 1_024;
    };
    return { memoryTotalBytes: bytes('MemTotal'), memoryAvailableBytes: bytes('MemAvailable') };
  }

  /** What the processes have for themselves: resident without what they share. */
  #memoryOf(processes: readonly ProcessTimes[]): number {
    return processes.reduce((sum, { processId }) => {
      const [, resident = 0, shared = 0] = (this.#text(join(String(processId), 'statm')) ?? '').split(' ').map(Number);
      return sum + Math.max(0, resident - shared) * MEMORY_PAGE_BYTES;
    }, 0);
  }

  #pressure(of: 'cpu' | 'memory'): number | null {
    const match = /^some avg10=([\d.]+)/m.exec(this.#text(join('pressure', of)) ?? '');
    return match === null ? null : Number(match[1]) / 100;
  }

  #processes(): ProcessTimes[] {
    let names: string[];
    try {
      names = readdirSync(this.#proc);
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const stat = /^\d+$/.test(name) ? this.#text(join(name, 'stat')) : null;
      if (stat === null) return [];
      // The name in parentheses may itself contain spaces and parentheses: the fields start after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
      return Number.isFinite(ticks) ? [{ processId: Number(name), parentId: Number(fields[1]), ticks }] : [];
    });
  }

  #text(path: string): string | null {
    try {
      return readFileSync(join(this.#proc, path), 'utf8');
    } catch {
      return null;
    }
  }
}

function share(ticks: number, ofTicks: number): number {
  return Math.min(1, Math.max(0, ticks / ofTicks));
}

/** A process and all its descendants; empty when it is not in the list. */
function processTree(rootId: number, processes: readonly ProcessTimes[]): ProcessTimes[] {
  const children = new Map<number, ProcessTimes[]>();
  for (const one of processes) {
    const siblings = children.get(one.parentId);
    if (siblings === undefined) children.set(one.parentId, [one]);
    else siblings.push(one);
  }
  const tree = processes.filter(({ processId }) => processId === rootId);
  for (const one of tree) tree.push(...(children.get(one.processId) ?? []));
  return tree;
}
