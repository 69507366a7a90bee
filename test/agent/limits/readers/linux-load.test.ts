import { spawn, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { completeReadings, type MachineReadings } from '../../../../main/agent/limits/machine-readings.ts';
import { nextConcurrency, type ConcurrencyMemory } from '../../../../main/agent/limits/next-concurrency.ts';
import { LinuxLoadReader } from '../../../../main/agent/limits/readers/linux-load.ts';

/** A folder like /proc. */
class FakeProc {
  readonly folder = mkdtempSync(join(os.tmpdir(), 'legwork-proc-'));

  constructor() {
    onTestFinished(() => rmSync(this.folder, { recursive: true, force: true }));
    mkdirSync(join(this.folder, 'pressure'));
  }

  write(name: string, text: string): this {
    writeFileSync(join(this.folder, name), text);
    return this;
  }

  cpu(user: number, system: number, idle: number): this {
    return this.write('stat', `cpu  ${user} 0 ${system} ${idle} 0 0 0 0 0 0\ncpu0 1 1 1 1\n`);
  }

  process(id: number, parent: number, ticks: number, ofChildren = 0): this {
    mkdirSync(join(this.folder, String(id)), { recursive: true });
    const name = '(a name) (with) 3 4 5)';
    this.write(`${id}/stat`, `${id} ${name} S ${parent} 0 0 0 -1 0 0 0 0 0 ${ticks} 0 ${ofChildren} 0 20 0 1`);
    return this.write(`${id}/statm`, '5000 300 100 0 0 0 0\n');
  }

  end(id: number): void {
    rmSync(join(this.folder, String(id)), { recursive: true });
  }
}

describe('the load, from files like those of /proc', () => {
  it('is told apart: all, and this process with its descendants', async () => {
    const proc = new FakeProc().cpu(1_000, 500, 8_500).process(10, 1, 100).process(11, 10, 50).process(12, 11, 0);
    proc.process(99, 1, 5_000);
    const reader = new LinuxLoadReader({ procFolder: proc.folder, ownProcessId: 10 });
    expect((await reader.read()).cpuBusyShare).toBeNull();
    // 200 of 400 ticks were busy, 100 of them by the own processes.
    proc.cpu(1_150, 550, 8_700).process(10, 1, 110).process(12, 11, 90).process(99, 1, 5_100);
    expect(await reader.read()).toMatchObject({ cpuBusyShare: 0.5, cpuOwnShare: 0.25 });
  });

  it('does not forget what an ended child has used', async () => {
    const proc = new FakeProc().cpu(0, 0, 0).process(10, 1, 100).process(11, 10, 40);
    const reader = new LinuxLoadReader({ procFolder: proc.folder, ownProcessId: 10 });
    await reader.read();
    proc.cpu(100, 0, 100);
    proc.end(11);
    proc.process(10, 1, 100, 90);
    expect(await reader.read()).toMatchObject({ cpuOwnShare: 0.25 });
  });

  it('leaves the own use out where only the machine is asked for, and then has it of the whole time', async () => {
    const proc = new FakeProc().cpu(0, 0, 0).process(10, 1, 0);
    const reader = new LinuxLoadReader({ procFolder: proc.folder, ownProcessId: 10 });
    await reader.read();
    proc.cpu(50, 0, 50).process(10, 1, 40);
    const resting = await reader.read('resting');
    expect(resting).toMatchObject({ cpuBusyShare: 0.5 });
    expect(resting).not.toHaveProperty('cpuOwnShare');
    expect(resting).not.toHaveProperty('memoryOwnBytes');
    proc.cpu(150, 0, 50).process(10, 1, 50);
    expect(await reader.read()).toMatchObject({ cpuBusyShare: 1, cpuOwnShare: 0.25, memoryOwnBytes: 200 * 4_096 });
  });

  it('has memory and pressure in bytes and shares', async () => {
    const proc = new FakeProc().cpu(1, 1, 1).process(10, 1, 0).process(11, 10, 0);
    proc.write('meminfo', 'MemTotal:       16000 kB\nMemFree:         100 kB\nMemAvailable:    4000 kB\n');
    proc.write('pressure/cpu', 'some avg10=12.50 avg60=1.00 avg300=0.50 total=5\nfull avg10=90.00 avg60=0 total=0\n');
    proc.write('pressure/memory', 'some avg10=0.00 avg60=1.00 avg300=0.50 total=5\n');
    const reader = new LinuxLoadReader({ procFolder: proc.folder, ownProcessId: 10 });
    expect(await reader.read()).toMatchObject({
      memoryTotalBytes: 16_000 * 1_024,
      memoryAvailableBytes: 4_000 * 1_024,
      memoryOwnBytes: 2 * 200 * 4_096,
      cpuPressure: 0.125,
      memoryPressure: 0,
    });
  });

  it('is not known where there is nothing of it', async () => {
    const reader = new LinuxLoadReader({ procFolder: '/nowhere/proc' });
    await reader.read();
    expect(Object.values(await reader.read()).every((value) => value === null)).toBe(true);
  });
});

const BURN = 'for (;;);';
const BURN_IN_CHILDREN = `
  const { spawn } = require('node:child_process');
  for (let index = 0; index < ${4 * os.availableParallelism()}; index += 1) spawn(process.execPath, ['-e', '${BURN}']);
  process.stdin.resume();
`;

/** Runs a program in a process of its own, with all that it starts in one group that ends with the test. */
function run(program: string, parameters: readonly string[]): ChildProcess {
  const child = spawn(program, parameters, { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  onTestFinished(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  return child;
}

function burn(): ChildProcess {
  return run(process.execPath, ['-e', BURN_IN_CHILDREN]);
}

function idle(): ChildProcess {
  return run('sleep', ['1000']);
}

async function readingsUntil(
  reader: LinuxLoadReader,
  isEnough: (readings: MachineReadings) => boolean,
): Promise<MachineReadings> {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    const readings = completeReadings(await reader.read());
    if (isEnough(readings)) return readings;
  }
}

describe.runIf(process.platform === 'linux')('the load of this machine', () => {
  it('counts processes that burn the processors as own only when they descend from the agent', async () => {
    const [own, other] = [burn(), idle()];
    const idleReader = new LinuxLoadReader({ ownProcessId: other.pid ?? 0 });
    await idleReader.read();
    const reader = new LinuxLoadReader({ ownProcessId: own.pid ?? 0 });
    // However much else runs here, they get something of the processors.
    const readings = await readingsUntil(reader, ({ cpuOwnShare }) => (cpuOwnShare ?? 0) > 0.05);
    expect(readings.cpuBusyShare).toBeGreaterThanOrEqual(readings.cpuOwnShare ?? 1);
    expect((await idleReader.read()).cpuOwnShare).toBeLessThan((readings.cpuOwnShare ?? 0) / 2);
  });

  it('lets the number of tasks fall while other programs burn the processors', async () => {
    const own = idle();
    burn();
    const reader = new LinuxLoadReader({ ownProcessId: own.pid ?? 0 });
    let memory: ConcurrencyMemory = { now: 6, reason: null, roomSinceMs: null };
    const readings = await readingsUntil(reader, (now) => {
      memory = nextConcurrency(
        {
          readings: now,
          running: 0,
          max: 6,
          cpuCount: os.availableParallelism(),
          cpuShare: 1,
          memoryShare: 1,
          monotonicMs: performance.now(),
        },
        memory,
      );
      return memory.now === 1;
    });
    expect(memory.reason).toBe('the machine is busy');
    expect(readings.cpuOwnShare).toBeLessThan(0.1);
  });
});
