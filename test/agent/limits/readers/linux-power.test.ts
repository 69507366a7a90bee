import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { LinuxPowerReader } from '../../../../main/agent/limits/readers/linux-power.ts';

/** A folder like /sys/class/power_supply, with a folder for each supply. */
function supplies(given: Record<string, Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-power-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, attributes] of Object.entries(given)) {
    mkdirSync(join(folder, name));
    for (const [attribute, value] of Object.entries(attributes))
      writeFileSync(join(folder, name, attribute), `${value}\n`);
  }
  return folder;
}

const MAINS = { type: 'Mains' };
const BATTERY = { type: 'Battery', present: '1' };
const MOUSE = { type: 'Battery', scope: 'Device', capacity: '5', status: 'Discharging' };

it.each<[string, Record<string, Record<string, string>>, { onBattery: boolean | null; batteryPercent: number | null }]>(
  [
    ['a desktop', {}, { onBattery: false, batteryPercent: null }],
    ['a desktop with a wireless mouse', { mouse: MOUSE }, { onBattery: false, batteryPercent: null }],
    [
      'a laptop on mains',
      { AC: { ...MAINS, online: '1' }, BAT0: { ...BATTERY, status: 'Charging', capacity: '55' } },
      { onBattery: false, batteryPercent: 55 },
    ],
    [
      'a laptop on battery',
      { AC: { ...MAINS, online: '0' }, BAT0: { ...BATTERY, status: 'Discharging', capacity: '55' }, mouse: MOUSE },
      { onBattery: true, batteryPercent: 55 },
    ],
    [
      'a laptop on USB-C that its charger cannot keep full',
      { ucsi: { type: 'USB', online: '1' }, BAT0: { ...BATTERY, status: 'Discharging', capacity: '20' } },
      { onBattery: false, batteryPercent: 20 },
    ],
    [
      'a laptop whose supplies are not listed',
      { BAT0: { ...BATTERY, status: 'Discharging', capacity: '20' } },
      { onBattery: true, batteryPercent: 20 },
    ],
    [
      'a laptop whose battery does not tell',
      { BAT0: { ...BATTERY, status: 'Unknown', capacity: '20' } },
      { onBattery: null, batteryPercent: 20 },
    ],
    [
      'two batteries of different size',
      {
        AC: { ...MAINS, online: '0' },
        BAT0: { ...BATTERY, status: 'Not charging', capacity: '0', energy_now: '0', energy_full: '10000' },
        BAT1: { ...BATTERY, status: 'Discharging', capacity: '80', energy_now: '24000', energy_full: '30000' },
      },
      { onBattery: true, batteryPercent: 60 },
    ],
    [
      'a battery that is taken out',
      { AC: { ...MAINS, online: '1' }, BAT0: { type: 'Battery', present: '0' } },
      { onBattery: false, batteryPercent: null },
    ],
    [
      'a desktop on a UPS while the power is out',
      { ups: { type: 'UPS', status: 'Discharging' } },
      { onBattery: true, batteryPercent: null },
    ],
    [
      'nonsense in the files',
      { AC: { ...MAINS, online: 'maybe' }, BAT0: { ...BATTERY, status: 'Full', capacity: 'lots' } },
      { onBattery: false, batteryPercent: null },
    ],
  ],
)('%s', async (_what, given, expected) => {
  expect(await new LinuxPowerReader(supplies(given)).read()).toEqual(expected);
});

it('knows nothing where the system lists nothing', async () => {
  expect(await new LinuxPowerReader('/nowhere/power_supply').read()).toEqual({});
});

it.runIf(existsSync('/sys/class/power_supply'))('reads this machine', async () => {
  const { onBattery } = await new LinuxPowerReader().read();
  expect([true, false, null]).toContain(onBattery);
});
