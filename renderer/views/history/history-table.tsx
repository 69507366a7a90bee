import { Copy, ExternalLink, Filter, History, RefreshCw } from 'lucide-react';
import { type KeyboardEvent, type MouseEvent, useEffect, useState } from 'react';
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
import { HistoryRows } from './history-rows.tsx';
import styles from './history-table.module.css';
import { FIRST_PAGE, type PageRange, useHistoryRows } from './use-history-rows.ts';

const ROW_REM = 2.25;
const COLUMNS = ['Outcome', 'Page', 'Type', 'From', 'Duration', 'Started'];
/** As many as a list shows that nothing is known of. */
const UNKNOWN_ROWS = 16;

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
  const [scroller, setScroller] = useState<HTMLElement | null>(null);
  const rowHeight = Math.round(ROW_REM * useRootFontSize());
  const [active, setActive] = useState(0);
  const [pages, setPages] = useState<PageRange>(FIRST_PAGE);
  const openNewTask = useNewTask();
  const { total, rowAt, isOld, isReading, error, retry } = useHistoryRows({ filter, pages });
  const count = total ?? 0;

  useEffect(() => onTotal(total), [total, onTotal]);
  useEffect(() => {
    scroller?.scrollTo({ top: 0 });
    setActive(0);
  }, [scroller, anchorKey]);
  useEffect(() => {
    if (scroller === null) return undefined;
    const tell = () => onTopChange(scroller.scrollTop < rowHeight);
    scroller.addEventListener('scroll', tell, { passive: true });
    return () => scroller.removeEventListener('scroll', tell);
  }, [scroller, rowHeight, onTopChange]);

  const entries = useRowEntries(rowAt(active));
  const onKeyDown = (event: KeyboardEvent) => {
    const pageRows = Math.max(1, Math.floor((scroller?.clientHeight ?? 0) / rowHeight) - 2);
    const next = nextIndex(event.key, active, count, pageRows);
    if (next !== null) {
      event.preventDefault();
      setActive(next);
      if (scroller !== null) scrollIntoView(scroller, next, rowHeight);
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
            ref={setScroller}
            className={classes(styles.scroll, isOld && styles.old)}
            role="grid"
            aria-label="Attempts"
            aria-rowcount={count + 1}
            aria-busy={isReading}
            aria-activedescendant={count > 0 ? `attempt-${active}` : undefined}
            tabIndex={0}
            onKeyDown={onKeyDown}
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
            <HistoryRows
              scroller={scroller}
              rowHeight={rowHeight}
              count={count}
              heightRows={total ?? UNKNOWN_ROWS}
              rowAt={rowAt}
              active={active}
              onPages={setPages}
            />
          </div>
        }
      />
    </>
  );
}

function openTask(row: HistoryRow | undefined): void {
  if (row !== undefined) navigate(hashOf('task', row.taskId));
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

/** Scrolls no further than it takes for a row to stand between the list's head and its lower end. */
function scrollIntoView(scroller: HTMLElement, index: number, rowHeight: number): void {
  const headHeight = scroller.querySelector('[role="rowgroup"]')?.clientHeight ?? 0;
  const lowestTop = (index + 1) * rowHeight + headHeight - scroller.clientHeight;
  const highestTop = index * rowHeight;
  if (scroller.scrollTop > highestTop) scroller.scrollTop = highestTop;
  else if (scroller.scrollTop < lowestTop) scroller.scrollTop = lowestTop;
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
