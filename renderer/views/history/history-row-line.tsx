import { memo, type ReactNode } from 'react';
import type { HistoryRow } from '../../../preload/contract.ts';
import { classes } from '../../components/classes.ts';
import { OutcomeMark } from '../../components/outcome.tsx';
import { formatDuration } from '../../format/duration.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatFullTime, formatListTime } from '../../format/time.ts';
import { readableUrl, typeLabel } from '../../format/words.ts';
import styles from './history-table.module.css';

interface HistoryRowLineProps {
  /** Its number in the whole list. */
  index: number;
  row: HistoryRow;
  isActive: boolean;
  /** In pixels. */
  height: number;
}

/** A row of the list. The same elements show one row after another: to change texts costs less than to make elements. */
export const HistoryRowLine = memo(function HistoryRowLine({ index, row, isActive, height }: HistoryRowLineProps) {
  return (
    <div
      id={`attempt-${index}`}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={isActive}
      data-index={index}
      className={classes(styles.columns, styles.row, isActive && styles.active)}
      style={{ transform: `translateY(${index * height}px)`, height }}
    >
      <Cells row={row} />
    </div>
  );
});

const Cells = memo(function Cells({ row }: { row: HistoryRow }) {
  const rest = row.error === null ? pathOf(row) : row.error.message;
  return (
    <>
      <div role="gridcell" className={styles.columnOutcome}>
        {OUTCOME_MARKS[row.outcome]}
      </div>
      <div role="gridcell" className={styles.columnPage} title={plainText(row.url).slice(0, 500)}>
        <bdi className={styles.host}>{plainText(row.host)}</bdi>
        <bdi className={row.error === null ? styles.path : styles.error}>{plainText(rest).slice(0, 300)}</bdi>
      </div>
      <div role="gridcell" className={styles.columnType}>
        {typeLabel(row.type)}
        {row.attemptNumber > 1 && <span className={styles.attempt}>attempt {row.attemptNumber}</span>}
      </div>
      <div role="gridcell" className={styles.columnFrom}>
        {row.origin === 'hub' ? 'Server' : 'You'}
      </div>
      <div role="gridcell" className={styles.columnDuration}>
        {row.durationMs === null ? '' : formatDuration(row.durationMs)}
      </div>
      <div role="gridcell" className={styles.columnStarted} title={formatFullTime(row.startedAtMs)}>
        {formatListTime(row.startedAtMs, Date.now())}
      </div>
    </>
  );
});

/** Made once: a row that follows another with the same outcome has nothing to compare. */
const OUTCOME_MARKS: Record<HistoryRow['outcome'], ReactNode> = {
  completed: <OutcomeMark outcome="completed" hasWord />,
  failed: <OutcomeMark outcome="failed" hasWord />,
  cancelled: <OutcomeMark outcome="cancelled" hasWord />,
  running: <OutcomeMark outcome="running" hasWord />,
};

/** What of the address is not the host. */
function pathOf(row: HistoryRow): string {
  const readable = readableUrl(row.url);
  return readable.startsWith(row.host) ? readable.slice(row.host.length) : readable;
}
