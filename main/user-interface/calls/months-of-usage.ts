import type { MonthOfUsage } from '../../../preload/contract.ts';
import type { Agent } from '../../agent/agent.ts';
import type { UsageRecord } from '../../agent/usage/usage-amounts.ts';

/** What was used by month, newest first. */
export function monthsOfUsage(agent: Agent): MonthOfUsage[] {
  const months = new Map<string, UsageRecord[]>();
  for (const record of agent.queue.usage.byMonth()) {
    const month = `${record.year}-${String(record.month).padStart(2, '0')}`;
    months.set(month, [...(months.get(month) ?? []), record]);
  }
  return [...months].map(([month, records]) => {
    const sum = (amount: (record: UsageRecord) => number): number =>
      records.reduce((total, record) => total + amount(record), 0);
    return {
      month,
      tasks: sum(({ tasks }) => tasks),
      browserMs: sum(({ browserTimeMs }) => browserTimeMs),
      bytesDown: sum(({ bytesDown }) => bytesDown),
      bytesUp: sum(({ bytesUp }) => bytesUp),
      byType: records.map(({ hubUrl, type, tasks, browserTimeMs, bytesDown, bytesUp }) => ({
        hubUrl: hubUrl ?? '',
        type,
        tasks,
        browserMs: browserTimeMs,
        bytesDown,
        bytesUp,
      })),
    };
  });
}
