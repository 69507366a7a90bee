import type { NetworkUsage } from '../../protocol/task-host-messages.ts';
import { dayAt, firstOfMonth, keptSpan, monthAt } from '../usage/calendar.ts';
import type { MonthUsage, UsageAmounts, UsageRecord } from '../usage/usage-amounts.ts';
import { durably, explained, type StoreContext } from './store-context.ts';

/** Months that are kept beside the present one. */
const KEPT_MONTHS = 24;

const AMOUNTS = `coalesce(sum(tasks), 0) AS tasks, coalesce(sum(browserTimeMs), 0) AS browserTimeMs,
  coalesce(sum(bytesDown), 0) AS bytesDown, coalesce(sum(bytesUp), 0) AS bytesUp`;

/** The statement that adds to the usage of the present day; a part of the transaction that ends an attempt. */
export function prepareRecordUsage({ database, clock, timeZone, hubUrl }: StoreContext) {
  const add = database.prepare(
    `INSERT INTO usage (day, hubUrl, type, tasks, browserTimeMs, bytesDown, bytesUp)
     VALUES (@day, @hubUrl, @type, @tasks, @browserTimeMs, @bytesDown, @bytesUp)
     ON CONFLICT (day, hubUrl, type) DO UPDATE SET
       tasks = tasks + excluded.tasks, browserTimeMs = browserTimeMs + excluded.browserTimeMs,
       bytesDown = bytesDown + excluded.bytesDown, bytesUp = bytesUp + excluded.bytesUp`,
  );
  const today = keptSpan(dayAt);
  return (of: { type: string; origin: 'hub' | 'local' }, amounts: Partial<UsageAmounts>): void => {
    add.run({
      day: today(clock.nowMs(), timeZone()).date,
      hubUrl: of.origin === 'hub' ? (hubUrl ?? '') : '',
      type: of.type,
      tasks: 0,
      browserTimeMs: 0,
      bytesDown: 0,
      bytesUp: 0,
      ...amounts,
    });
  };
}

/** What work has cost this machine, as the host reads it. Days and months are those of the host's time zone. */
export interface UsageStore {
  /** This month's totals; the quota is the caller's to add. */
  thisMonth(): Omit<MonthUsage, 'quota'>;
  today(): UsageAmounts;
  /** The present month and the 24 before it, newest first; months without work are left out. */
  byMonth(): UsageRecord[];
  /** Counts what an attempt took of the network that had been ended from outside before it was known. */
  addNetwork(of: { type: string; origin: 'hub' | 'local' }, network: NetworkUsage): void;
  /** Removes what is older than that. */
  forgetOld(): void;
}

/** See UsageStore. */
export function prepareUsage(context: StoreContext): UsageStore {
  const { database, clock, timeZone } = context;
  const since = database.prepare<[string], UsageAmounts>(`SELECT ${AMOUNTS} FROM usage WHERE day >= ?`);
  const months = database.prepare<[string], UsageAmounts & { month: string; hubUrl: string; type: string }>(
    `SELECT substr(day, 1, 7) AS month, hubUrl, type, ${AMOUNTS} FROM usage WHERE day >= ?
      GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3`,
  );
  const record = prepareRecordUsage(context);
  const presentMonth = keptSpan(monthAt);
  const forget = database.prepare('DELETE FROM usage WHERE day < ?');
  const none: UsageAmounts = { tasks: 0, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 };

  return {
    thisMonth: () => {
      const { year, month, firstDate, endsAtMs } = presentMonth(clock.nowMs(), timeZone());
      const totals = explained(context, () => since.get(firstDate)) ?? none;
      return { year, month, totals, resetsAtMs: endsAtMs };
    },

    today: () => explained(context, () => since.get(dayAt(clock.nowMs(), timeZone()).date)) ?? none,

    byMonth: () =>
      explained(context, () => months.all(firstOfMonth(clock.nowMs(), timeZone(), KEPT_MONTHS))).map(
        ({ month, hubUrl, ...rest }) => ({
          ...rest,
          year: Number(month.slice(0, 4)),
          month: Number(month.slice(5)),
          hubUrl: hubUrl === '' ? null : hubUrl,
        }),
      ),

    addNetwork: durably(context, (of: { type: string; origin: 'hub' | 'local' }, network: NetworkUsage): void =>
      record(of, network),
    ),

    forgetOld: durably(context, () => {
      forget.run(firstOfMonth(clock.nowMs(), timeZone(), KEPT_MONTHS));
    }),
  };
}
