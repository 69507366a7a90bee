import { expect, it } from 'vitest';
import { settingUnit } from '../../../renderer/views/settings/setting-unit.ts';

it.each([
  ['drainLimitMs', 60_000, 60_000, 'minutes', 60_000],
  ['drainLimitMs', 90_000, 60_000, 'seconds', 1_000],
  ['drainLimitMs', 1_500, 60_000, 'ms', 1],
  ['drainLimitMs', 0, 60_000, 'minutes', 60_000],
  ['maxStoreBytes', 5 * 1024 ** 3, 5 * 1024 ** 3, 'GiB', 1024 ** 3],
  ['maxStoreBytes', 700 * 1024 ** 2, 5 * 1024 ** 3, 'MiB', 1024 ** 2],
  ['maxStoreBytes', 1_000_000_001, 5 * 1024 ** 3, 'bytes', 1],
  ['monthlyTrafficQuotaBytes', 0, 0, 'GiB', 1024 ** 3],
  ['taskCleanupDays', 30, 30, 'days', 1],
  ['maxCpuPercent', 100, 100, '%', 1],
  ['monthlyBrowserMinutesQuota', 0, 0, 'minutes', 1],
  ['maxConcurrentTasks', 3, 3, '', 1],
])('%s of %d (default %d) is edited in %s', (key, value, fallback, name, factor) => {
  expect(settingUnit(key, value, fallback)).toEqual({ name, factor });
});
