import { type CSSProperties, memo, useCallback, useRef } from 'react';
import type { HistoryRow } from '../../../preload/contract.ts';
import type { RowWindow } from './drawn-rows.ts';
import { HistoryRowLine } from './history-row-line.tsx';
import styles from './history-table.module.css';
import { useDrawnRows } from './use-drawn-rows.ts';
import { type PageRange, pagesOf } from './use-history-rows.ts';

interface HistoryRowsProps {
  /** What scrolls; null before it is there. */
  scroller: HTMLElement | null;
  /** In pixels. */
  rowHeight: number;
  /** Rows of the whole list. */
  count: number;
  /** Room for so many rows is kept; more than there are while that is not known. */
  heightRows: number;
  rowAt: (index: number) => HistoryRow | undefined;
  active: number;
  /** Told of the pages that are to be read. */
  onPages: (pages: PageRange) => void;
}

/** The rows that exist. Scrolling draws only this part of the list again; where no row is drawn (yet) there are bars. */
export const HistoryRows = memo(function HistoryRows(props: HistoryRowsProps) {
  const { scroller, rowHeight, count, heightRows, rowAt, active, onPages } = props;
  const told = useRef<PageRange | null>(null);
  const onWindow = useCallback(
    ({ first, last }: RowWindow) => {
      const pages = pagesOf(first, last);
      if (pages.from === told.current?.from && pages.to === told.current.to) return;
      told.current = pages;
      onPages(pages);
    },
    [onPages],
  );
  const drawn = useDrawnRows({ scroller, rowHeight, count, rowAt, onWindow });
  return (
    <div
      role="rowgroup"
      className={styles.rows}
      style={{ height: heightRows * rowHeight, '--row-height': `${rowHeight}px` } as CSSProperties}
    >
      {drawn.map(({ place, index, row }) => (
        <HistoryRowLine key={place} index={index} row={row} isActive={index === active} height={rowHeight} />
      ))}
    </div>
  );
});
