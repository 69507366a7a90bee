import os from 'node:os';
import type { MachineReader, MachineReadings } from '../machine-readings.ts';

/**
 * What every system tells: how busy its processors are, and its memory. On macOS, where memory that is only lent to
 * caches is not told apart, the memory that is left is not known.
 */
export class PortableLoadReader implements MachineReader {
  #before: { totalMs: number; idleMs: number } | null = null;

  read(): Promise<Partial<MachineReadings>> {
    const times = os.cpus().map((cpu) => cpu.times);
    const idleMs = times.reduce((sum, { idle }) => sum + idle, 0);
    const totalMs = times.reduce((sum, { user, nice, sys, idle, irq }) => sum + user + nice + sys + idle + irq, 0);
    const passedMs = this.#before === null ? 0 : totalMs - this.#before.totalMs;
    const cpuBusyShare =
      this.#before === null || passedMs <= 0
        ? null
        : Math.min(1, Math.max(0, 1 - (idleMs - this.#before.idleMs) / passedMs));
    this.#before = { totalMs, idleMs };
    return Promise.resolve({
      cpuBusyShare,
      memoryTotalBytes: os.totalmem(),
      memoryAvailableBytes: process.platform === 'darwin' ? null : os.freemem(),
    });
  }

  close(): void {
    // Nothing is kept open.
  }
}
