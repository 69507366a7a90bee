import { useVirtualizer } from '@tanstack/react-virtual';
import { Copy, ExternalLink, Filter, History, RefreshCw } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, useEffect, useRef, useState } from 'react';
import type { HistoryFilter, HistoryRow } from '../../../preload/contract.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { ContextMenu, type MenuEntry } from '../../components/menu.tsx';
import { EmptyState, ErrorState } from '../../components/states.tsx';
import { useToast } from '../../components/toast.tsx';
import { useCopy } from '../../components/use-copy.ts';
import { useRootFontSize } from '../../components/use-root-font-size.ts';
import { useNewTask } from '../../shell/new-task.tsx';
import { useAction } from '../../state/reads.ts';
import { hashOf, navigate } from '../../state/route.ts';
import { HistoryRowLine } from './history-row-line.tsx';
import styles from './history-table.module.css';
import { useHistoryRows } from './use-history-rows.ts';

const ROW_REM = 2.25;
const COLUMNS = ['Outcome', 'Page', 'Type', 'From', 'Duration', 'Started'];
/** So many rows in one drawing, and reading them would be in vain. */
const FLYING_ROWS = 120;

interface HistoryTableProps {
  filter: HistoryFilter;
  isFiltered: boolean;
  onClearFilters: () => void;
  onTotal: (total: number | null) => void;
  onTopChange: (isAtTop: boolean) => void;
  /** When this changes, the list starts at its top. */
  anchorKey: string;
}

/** The rows of the list, of which only those in view exist. Arrow keys move through it, Enter opens a task. */
export function HistoryTable(props: HistoryTableProps) {
  const { filter, isFiltered, onClearFilters, onTotal, onTopChange, anchorKey } = props;
  const scrollRef = useRef<HTMLDivElement>(null);
  const rowHeight = Math.round(ROW_REM * useRootFontSize());
  const [active, setActive] = useState(0);
  const [count, setCount] = useState(0);
  const openNewTask = useNewTask();

  const virtualizer = useVirtualizer({
    count,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    scrollPaddingStart: rowHeight,
    overscan: 6,
    // Rows are drawn again in React's own time: with flushSync a fast scroll would wait for each of them.
    useFlushSync: false,
  });
  useEffect(() => virtualizer.measure(), [virtualizer, rowHeight]);

  const items = virtualizer.getVirtualItems();
  // A row that leaves at one end is drawn again at the other: changing texts costs less than making elements.
  const slots = useMostSoFar(items.length);
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const isFlying = useIsFlying(first, virtualizer.isScrolling);
  const { total, rowAt, isOld, error, retry } = useHistoryRows({ filter, first, last, isFlying });

  useEffect(() => {
    setCount(total ?? 0);
    onTotal(total);
  }, [total, onTotal]);
  useEffect(() => {
    scrollRef.current?.scrollTo({ top: 0 });
    setActive(0);
  }, [anchorKey]);

  const entries = useRowEntries(rowAt(active));
  const onKeyDown = (event: KeyboardEvent) => {
    const pageRows = Math.max(1, Math.floor((scrollRef.current?.clientHeight ?? 0) / rowHeight) - 2);
    const next = nextIndex(event.key, active, count, pageRows);
    if (next !== null) {
      event.preventDefault();
      setActive(next);
      virtualizer.scrollToIndex(next);
    } else if (event.key === 'Enter') {
      openTask(rowAt(active));
    }
  };
  const rowIndexOf = (event: MouseEvent): number | null => {
    const row = (event.target as HTMLElement).closest<HTMLElement>('[data-index]');
    return row === null ? null : Number(row.dataset.index);
  };

  if (error !== null && total === null) return <ErrorState error={error} onRetry={retry} />;
  if (total === 0 && !isOld) {
    return isFiltered ? (
      <EmptyState
        icon={<Filter />}
        title="Nothing fits these filters"
        action={<Button onClick={onClearFilters}>Clear filters</Button>}
      />
    ) : (
      <EmptyState
        icon={<History />}
        title="Nothing has been done yet"
        action={<Button onClick={openNewTask}>New task</Button>}
      >
        Each execution of a task is listed here, with what came of it.
      </EmptyState>
    );
  }
  return (
    <>
      {error !== null && (
        <p className={styles.problem} role="alert">
          {error.message}{' '}
          <Button size="small" onClick={retry}>
            Try again
          </Button>
        </p>
      )}
      <ContextMenu
        entries={entries}
        target={
          <div
            ref={scrollRef}
            className={classes(styles.scroll, isOld && styles.old)}
            role="grid"
            aria-label="Attempts"
            aria-rowcount={count + 1}
            aria-busy={total === null}
            aria-activedescendant={count > 0 ? `attempt-${active}` : undefined}
            tabIndex={0}
            onKeyDown={onKeyDown}
            onScroll={(event) => onTopChange(event.currentTarget.scrollTop < rowHeight)}
            onClick={(event) => {
              const index = rowIndexOf(event);
              if (index === null) return;
              setActive(index);
              openTask(rowAt(index));
            }}
            onContextMenu={(event) => {
              const index = rowIndexOf(event);
              if (index !== null) setActive(index);
            }}
          >
            <div role="rowgroup" className={styles.head}>
              <div role="row" aria-rowindex={1} className={styles.columns}>
                {COLUMNS.map((name) => (
                  <div key={name} role="columnheader" className={styles[`column${name}`]}>
                    {name}
                  </div>
                ))}
              </div>
            </div>
            <div role="rowgroup" className={styles.rows} style={{ height: virtualizer.getTotalSize() }}>
              {items.map((item) => (
                <HistoryRowLine
                  key={item.index % slots}
                  index={item.index}
                  row={rowAt(item.index)}
                  isActive={item.index === active}
                  top={item.start}
                  height={item.size}
                />
              ))}
              {total === null && <PlaceholderRows height={rowHeight} />}
            </div>
          </div>
        }
      />
    </>
  );
}

function openTask(row: HistoryRow | undefined): void {
  if (row !== undefined) navigate(hashOf('task', row.taskId));
}

function PlaceholderRows({ height }: { height: number }) {
  return Array.from({ length: 16 }, (_, index) => (
    <HistoryRowLine key={index} index={index} row={undefined} isActive={false} top={index * height} height={height} />
  ));
}

/** Where a key leads to; null for a key that does not move. */
function nextIndex(key: string, active: number, count: number, pageRows: number): number | null {
  const moves: Record<string, number> = {
    ArrowDown: active + 1,
    ArrowUp: active - 1,
    PageDown: active + pageRows,
    PageUp: active - pageRows,
    Home: 0,
    End: count - 1,
  };
  const target = moves[key];
  return target === undefined || count === 0 ? null : Math.min(count - 1, Math.max(0, target));
}

/** The largest value so far. */
function useMostSoFar(value: number): number {
  const most = useRef(0);
  most.current = Math.max(most.current, value, 1);
  return most.current;
}

/** Whether so many rows go by between two drawings that nobody reads them. */
function useIsFlying(first: number, isScrolling: boolean): boolean {
  const before = useRef(first);
  const moved = Math.abs(first - before.current);
  useEffect(() => {
    before.current = first;
  });
  return isScrolling && moved > FLYING_ROWS;
}

function useRowEntries(row: HistoryRow | undefined): MenuEntry[] {
  const showToast = useToast();
  const runAgain = useAction('runAgain', {
    onSuccess: ({ taskId }) =>
      showToast({
        title: 'A new task waits in the queue.',
        action: { label: 'Show', onSelect: () => navigate(hashOf('task', taskId)) },
      }),
  });
  const copy = useCopy();
  if (row === undefined) return [];
  return [
    { label: 'Open', icon: <ExternalLink aria-hidden />, shortcut: 'Enter', onSelect: () => openTask(row) },
    {
      label: 'Run again',
      icon: <RefreshCw aria-hidden />,
      onSelect: () => runAgain.mutate({ taskId: row.taskId }),
    },
    'line',
    { label: 'Copy address', icon: <Copy aria-hidden />, onSelect: () => copy(row.url) },
    { label: 'Copy task id', icon: <Copy aria-hidden />, onSelect: () => copy(row.taskId) },
  ];
}
