import { ChartColumn, ChevronRight } from 'lucide-react';
import { Fragment, useState } from 'react';
import type { MonthOfUsage } from '../../../preload/contract.ts';
import { classes } from '../../components/classes.ts';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatNumber } from '../../format/number.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatMonth } from '../../format/time.ts';
import { typeLabel } from '../../format/words.ts';
import { hostOf } from '../../shell/activity-words.ts';
import { useRead } from '../../state/reads.ts';
import styles from './usage-section.module.css';

/** What was used in each of the last months, and by what. */
export function UsageSection() {
  const usage = useRead('usage', null);
  const [open, setOpen] = useState<string | null>(null);
  if (usage.isPending) return <Skeleton lines={6} />;
  if (usage.isError) return <ErrorState error={usage.error} onRetry={() => void usage.refetch()} />;
  if (usage.data.length === 0) {
    return (
      <EmptyState icon={<ChartColumn />} title="Nothing has been used yet">
        What tasks take of this machine and its connection is counted here by month, for two years.
      </EmptyState>
    );
  }
  const months = usage.data.toSorted((a, b) => b.month.localeCompare(a.month));
  const most = Math.max(1, ...months.map((month) => month.bytesDown + month.bytesUp));
  return (
    <Section title="By month">
      <div className={styles.scroll} tabIndex={0} role="group" aria-label="Usage by month">
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Month</th>
              <th scope="col">Tasks</th>
              <th scope="col">Browser time</th>
              <th scope="col">Loaded</th>
              <th scope="col">Sent</th>
              <th scope="col" className={styles.barColumn}>
                <span className="visually-hidden">Share of the busiest month</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {months.map((month) => (
              <Fragment key={month.month}>
                <MonthRow
                  month={month}
                  share={(month.bytesDown + month.bytesUp) / most}
                  isOpen={open === month.month}
                  onToggle={() => setOpen(open === month.month ? null : month.month)}
                />
                {open === month.month && <TypeRows month={month} />}
              </Fragment>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

interface MonthRowProps {
  month: MonthOfUsage;
  /** Of the busiest month. */
  share: number;
  isOpen: boolean;
  onToggle: () => void;
}

function MonthRow({ month, share, isOpen, onToggle }: MonthRowProps) {
  return (
    <tr>
      <th scope="row">
        <button type="button" className={styles.toggle} aria-expanded={isOpen} onClick={onToggle}>
          <ChevronRight className={classes(isOpen && styles.open)} aria-hidden />
          {formatMonth(month.month)}
        </button>
      </th>
      <td>{formatNumber(month.tasks)}</td>
      <td>{formatDuration(month.browserMs)}</td>
      <td>{formatBytes(month.bytesDown)}</td>
      <td>{formatBytes(month.bytesUp)}</td>
      <td className={styles.barColumn}>
        <span className={styles.bar} style={{ width: `${share * 100}%` }} />
      </td>
    </tr>
  );
}

function TypeRows({ month }: { month: MonthOfUsage }) {
  return month.byType.map((part) => (
    <tr key={`${part.hubUrl} ${part.type}`} className={styles.part}>
      <th scope="row">
        {typeLabel(part.type)}
        <span className={styles.hub}>{part.hubUrl === '' ? 'you' : plainText(hostOf(part.hubUrl))}</span>
      </th>
      <td>{formatNumber(part.tasks)}</td>
      <td>{formatDuration(part.browserMs)}</td>
      <td>{formatBytes(part.bytesDown)}</td>
      <td>{formatBytes(part.bytesUp)}</td>
      <td className={styles.barColumn} />
    </tr>
  ));
}
