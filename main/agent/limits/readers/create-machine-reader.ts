import type { Clock } from '../../../protocol/ports.ts';
import { combineReaders, type MachineReader } from '../machine-readings.ts';
import { LinuxBusReader } from './linux-bus-reader.ts';
import { LinuxLoadReader } from './linux-load.ts';
import { LinuxPowerReader } from './linux-power.ts';
import { PortableLoadReader } from './portable-load.ts';
import { SystemBus, systemBusAddress } from './system-bus.ts';
import { X11FullScreenReader } from './x11-full-screen.ts';

/**
 * All that can be read of this machine without a desktop shell. A shell that knows more (who is at the keyboard, on which
 * power) puts its own reader before this one with `combineReaders`.
 */
export function createMachineReader(clock: Clock, environment: NodeJS.ProcessEnv = process.env): MachineReader {
  const readers: MachineReader[] = [];
  if (process.platform === 'linux') {
    readers.push(new LinuxPowerReader(), new LinuxLoadReader());
    const address = systemBusAddress(environment);
    if (address !== null) readers.push(new LinuxBusReader(new SystemBus(address, clock), clock));
    const isX11 = (environment['DISPLAY'] ?? '') !== '' && (environment['WAYLAND_DISPLAY'] ?? '') === '';
    if (isX11) readers.push(new X11FullScreenReader(clock));
  } else {
    readers.push(new PortableLoadReader());
  }
  return combineReaders(readers);
}
