import { expect, it } from 'vitest';
import {
  combineReaders,
  completeReadings,
  NO_READINGS,
  type MachineReader,
  type MachineReadings,
} from '../../../main/agent/limits/machine-readings.ts';
import { createMachineReader } from '../../../main/agent/limits/readers/create-machine-reader.ts';
import { systemClock } from '../../../main/protocol/ports.ts';

function saying(readings: Partial<MachineReadings>): MachineReader {
  return { read: () => Promise.resolve(readings), close: () => undefined };
}

it('of several readers the first that knows counts', async () => {
  const combined = combineReaders([
    saying({ idleMs: 5, onBattery: null }),
    saying({ idleMs: 7, onBattery: true, metered: null }),
    saying({ metered: false }),
  ]);
  expect(completeReadings(await combined.read())).toEqual({
    ...NO_READINGS,
    idleMs: 5,
    onBattery: true,
    metered: false,
  });
});

it('reads this machine, whatever it is', async () => {
  const reader = createMachineReader(systemClock);
  await reader.read();
  const readings = completeReadings(await reader.read());
  reader.close();
  expect(readings.memoryTotalBytes).toBeGreaterThan(100e6);
  for (const name of ['cpuBusyShare', 'cpuOwnShare', 'cpuPressure', 'memoryPressure'] as const) {
    const share = readings[name] ?? 0;
    expect(share, name).toBeGreaterThanOrEqual(0);
    expect(share, name).toBeLessThanOrEqual(1);
  }
});
