import { Download } from 'lucide-react';
import { useDeferredValue, useEffect, useMemo, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { Menu } from '../../components/menu.tsx';
import { ViewFrame } from '../../components/view-frame.tsx';
import { formatCount } from '../../format/number.ts';
import { replaceParameters } from '../../state/route.ts';
import { HistoryFilters } from './history-filters.tsx';
import { type ListFilter, readListFilter, toHistoryFilter, writeListFilter } from './history-filter.ts';
import { HistoryTable } from './history-table.tsx';
import { useAnchor } from './use-anchor.ts';
import { useExport } from './use-export.ts';
import styles from './history-view.module.css';

/** Every attempt of every task, the newest first. */
export function HistoryView({ parameters }: { parameters: URLSearchParams }) {
  const [filter, setFilter] = useState(() => readListFilter(parameters));
  const [total, setTotal] = useState<number | null>(null);
  const [isAtTop, setIsAtTop] = useState(true);
  const anchor = useAnchor(isAtTop);
  const settledText = useSettledText(filter.text);
  const exportHistory = useExport();

  const asked = useMemo(
    () => toHistoryFilter({ ...filter, text: settledText }, anchor.atMs),
    [filter, settledText, anchor.atMs],
  );
  const changeFilter = (next: ListFilter) => {
    setFilter(next);
    replaceParameters('history', '', writeListFilter(next));
  };
  const isFiltered = Object.keys(writeListFilter(filter)).length > 0;

  return (
    <ViewFrame
      title={
        <>
          History
          {total !== null && (
            <span className={styles.total} role="status">
              {formatCount(total, 'attempt')}
            </span>
          )}
        </>
      }
      body="fixed"
      toolbar={<HistoryFilters filter={filter} onChange={changeFilter} />}
      actions={
        <Menu
          trigger={
            <Button
              icon={<Download aria-hidden />}
              disabled={total === 0 || total === null}
              isBusy={exportHistory.isPending}
            >
              Export
            </Button>
          }
          entries={[
            { label: 'As CSV', onSelect: () => exportHistory.mutate({ format: 'csv', filter: asked }) },
            { label: 'As JSON', onSelect: () => exportHistory.mutate({ format: 'json', filter: asked }) },
          ]}
        />
      }
    >
      {anchor.hasNewer && (
        <Button className={styles.newer} size="small" look="primary" onClick={anchor.moveToNow}>
          Show new attempts
        </Button>
      )}
      <HistoryTable
        filter={asked}
        isFiltered={isFiltered}
        onClearFilters={() => changeFilter(readListFilter(new URLSearchParams()))}
        onTotal={setTotal}
        onTopChange={setIsAtTop}
        anchorKey={`${JSON.stringify({ ...filter, text: settledText })} ${anchor.jumps}`}
      />
    </ViewFrame>
  );
}

const TYPING_PAUSE_MS = 150;

/** The text once the person stops typing. */
function useSettledText(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return useDeferredValue(settled);
}
