import { powerMonitor } from 'electron';
import { combineReaders, type MachineReader } from '../../agent/limits/machine-readings.ts';

const SECOND_MS = 1_000;

/** What Electron knows of power and presence. */
const powerMonitorReader: MachineReader = {
  read: () =>
    Promise.resolve({
      idleMs: powerMonitor.getSystemIdleTime() * SECOND_MS,
      onBattery: powerMonitor.isOnBatteryPower(),
    }),
  close: () => undefined,
};

/**
 * What Electron knows, beside what the agent's own readers know. On Linux those come first, and under Wayland they are
 * alone: there Electron takes everybody for present at all times.
 */
export function withPowerMonitor(
  readers: MachineReader,
  platform: NodeJS.Platform,
  environment: Readonly<Record<string, string | undefined>>,
): MachineReader {
  if (platform !== 'linux') return combineReaders([powerMonitorReader, readers]);
  return environment['WAYLAND_DISPLAY'] === undefined ? combineReaders([readers, powerMonitorReader]) : readers;
}
