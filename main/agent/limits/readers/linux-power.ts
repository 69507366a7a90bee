import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MachineReader, MachineReadings } from '../machine-readings.ts';

/** Where Linux lists batteries and power supplies (kernel documentation, ABI/testing/sysfs-class-power). */
const POWER_SUPPLY_FOLDER = '/sys/class/power_supply';

/** Mains power and charge of the battery, from sysfs. */
export class LinuxPowerReader implements MachineReader {
  readonly #folder: string;

  constructor(folder: string = POWER_SUPPLY_FOLDER) {
    this.#folder = folder;
  }

  read(): Promise<Partial<MachineReadings>> {
    return Promise.resolve(readPower(this.#folder));
  }

  close(): void {
    // Nothing is kept open.
  }
}

function readPower(folder: string): Partial<MachineReadings> {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return {};
  }
  const text = (name: string, attribute: string): string | null => {
    try {
      return readFileSync(join(folder, name, attribute), 'utf8').trim();
    } catch {
      return null;
    }
  };
  const number = (name: string, attribute: string): number | null => {
    const value = text(name, attribute);
    return value === null || !/^\d+$/.test(value) ? null : Number(value);
  };
  // Mice and headsets have batteries too; those have the scope Device.
  const supplies = names.filter((name) => text(name, 'scope') !== 'Device');
  const batteries = supplies.filter((name) => text(name, 'type') === 'Battery' && number(name, 'present') !== 0);
  const online = supplies
    .filter((name) => ['Mains', 'USB', 'Wireless'].includes(text(name, 'type') ?? ''))
    .map((name) => number(name, 'online'));
  const statuses = [...batteries, ...supplies.filter((name) => text(name, 'type') === 'UPS')].map((name) =>
    text(name, 'status'),
  );
  return {
    onBattery: isOnBattery(online, statuses),
    batteryPercent: chargeOf(batteries, number),
  };
}

/** A machine without a battery is on mains; one with a battery is not when no supply is connected, or it discharges. */
function isOnBattery(online: (number | null)[], statuses: (string | null)[]): boolean | null {
  if (online.some((value) => value === 1)) return false;
  if (statuses.length === 0) return false;
  if (statuses.includes('Discharging')) return true;
  if (online.some((value) => value === 0)) return true;
  return statuses.some((status) => status === null || status === 'Unknown') ? null : false;
}

/** Of several batteries the charge of all together, by their size where that is known. */
function chargeOf(
  batteries: readonly string[],
  number: (name: string, attribute: string) => number | null,
): number | null {
  let now = 0;
  let full = 0;
  const capacities: number[] = [];
  for (const name of batteries) {
    const nowHere = number(name, 'energy_now') ?? number(name, 'charge_now');
    const fullHere = number(name, 'energy_full') ?? number(name, 'charge_full');
    if (nowHere !== null && fullHere !== null && fullHere > 0) {
      now += nowHere;
      full += fullHere;
    }
    const capacity = number(name, 'capacity');
    if (capacity !== null) capacities.push(capacity);
  }
  if (capacities.length === 1 || (full === 0 && capacities.length > 0)) {
    return Math.min(100, capacities.reduce((sum, capacity) => sum + capacity, 0) / capacities.length);
  }
  return full === 0 ? null : Math.min(100, (now / full) * 100);
}
