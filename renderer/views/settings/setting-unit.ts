/** How a number is shown to be edited: in a unit that people think in. */
export interface SettingUnit {
  /** What stands behind the field. */
  name: string;
  /** Of the unit in the setting's own. */
  factor: number;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;

/** The largest unit in which both the value and its default are whole, by the last word of the key. */
export function settingUnit(key: string, value: unknown, fallback: unknown): SettingUnit {
  const numbers = [value, fallback].filter((one) => typeof one === 'number' && one !== 0) as number[];
  const largest = (units: SettingUnit[]) =>
    units.find(({ factor }) => numbers.length > 0 && numbers.every((number) => number % factor === 0)) ?? units.at(-1);
  if (key.endsWith('Ms')) {
    const units = [
      { name: 'days', factor: DAY_MS },
      { name: 'hours', factor: HOUR_MS },
      { name: 'minutes', factor: MINUTE_MS },
      { name: 'seconds', factor: SECOND_MS },
      { name: 'ms', factor: 1 },
    ];
    return (numbers.length === 0 ? units[3] : largest(units)) ?? { name: 'ms', factor: 1 };
  }
  if (key.endsWith('Bytes')) {
    const units = [
      { name: 'GiB', factor: GIBIBYTE },
      { name: 'MiB', factor: MEBIBYTE },
      { name: 'bytes', factor: 1 },
    ];
    return (numbers.length === 0 ? units[0] : largest(units)) ?? { name: 'bytes', factor: 1 };
  }
  const words = { Seconds: 'seconds', Minutes: 'minutes', Days: 'days', Percent: '%' };
  const ending = Object.entries(words).find(([end]) => key.endsWith(end) || key.endsWith(`${end}Quota`));
  return { name: ending?.[1] ?? '', factor: 1 };
}
