import { useVirtualizer } from '@tanstack/react-virtual';
import { Archive, ArrowDown, ScrollText } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { LogLine } from '../../../preload/contract.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { SearchField } from '../../components/search-field.tsx';
import { Select } from '../../components/select.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { useToast } from '../../components/toast.tsx';
import { useRootFontSize } from '../../components/use-root-font-size.ts';
import { ViewFrame } from '../../components/view-frame.tsx';
import { plainText } from '../../format/plain-text.ts';
import { formatFullTime, formatPreciseClock } from '../../format/time.ts';
import { useAction } from '../../state/reads.ts';
import { takeSavedFile } from '../../state/saved-file.ts';
import styles from './logs-view.module.css';
import { useLogLines } from './use-log-lines.ts';

const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
const LEVEL_OPTIONS = [
  { value: 'debug', label: 'All lines' },
  { value: 'info', label: 'Info and above' },
  { value: 'warn', label: 'Warnings and errors' },
  { value: 'error', label: 'Errors' },
];
const ROW_REM = 1.5;

/** What the agent logs, as it happens. */
export function LogsView() {
  const [text, setText] = useState('');
  const [level, setLevel] = useState('debug');
  const [isFollowing, setIsFollowing] = useState(true);
  const { lines, newerCount, isPending, error, retry } = useLogLines(isFollowing);
  const showToast = useToast();
  const saveDiagnostics = useAction('saveDiagnostics', {
    onSuccess: (file) => {
      const sentence = takeSavedFile(file);
      if (sentence !== null) showToast({ title: 'Diagnostics were saved.', description: sentence });
    },
  });
  const shown = useMemo(() => filterLines(lines, text, level), [lines, text, level]);
  return (
    <ViewFrame
      title="Logs"
      body="fixed"
      actions={
        <Button
          icon={<Archive aria-hidden />}
          isBusy={saveDiagnostics.isPending}
          onClick={() => saveDiagnostics.mutate(null)}
          title="One archive of logs, versions and settings, without secrets and contents of pages"
        >
          Save diagnostics…
        </Button>
      }
      toolbar={
        <>
          <SearchField label="Search lines" value={text} onChange={setText} />
          <Select aria-label="Level" value={level} options={LEVEL_OPTIONS} onChange={setLevel} />
        </>
      }
    >
      {error !== null && <ErrorState error={error} onRetry={retry} />}
      {isPending && <Skeleton lines={12} />}
      {!isPending && error === null && shown.length === 0 && (
        <EmptyState icon={<ScrollText />} title={lines.length === 0 ? 'Nothing has been logged yet' : 'No line fits'}>
          New lines appear here by themselves.
        </EmptyState>
      )}
      {shown.length > 0 && (
        <LineList lines={shown} isFollowing={isFollowing} onFollowing={setIsFollowing} newerCount={newerCount} />
      )}
    </ViewFrame>
  );
}

/** Lines of a level and above in which a text stands, upper and lower case alike. */
function filterLines(lines: readonly LogLine[], text: string, level: string): readonly LogLine[] {
  const lowest = LEVELS.findIndex((name) => name === level);
  const wanted = text.trim().toLowerCase();
  if (lowest <= 0 && wanted === '') return lines;
  return lines.filter(
    (line) => LEVELS.indexOf(line.level) >= lowest && (wanted === '' || lineText(line).toLowerCase().includes(wanted)),
  );
}

function fieldsText(line: LogLine): string {
  return Object.entries(line.fields)
    .map(([name, value]) => `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(' ');
}

function lineText(line: LogLine): string {
  return `${line.level} ${line.message} ${fieldsText(line)}`;
}

interface LineListProps {
  lines: readonly LogLine[];
  isFollowing: boolean;
  onFollowing: (isFollowing: boolean) => void;
  newerCount: number;
}

/** The lines, of which those in view exist. Scrolling up stops following the newest, scrolling down follows again. */
function LineList({ lines, isFollowing, onFollowing, newerCount }: LineListProps) {
  const scrollRef = useRef<HTMLDivElement>(null);
  const topRef = useRef(0);
  const rowHeight = Math.round(ROW_REM * useRootFontSize());
  const virtualizer = useVirtualizer({
    count: lines.length,
    getScrollElement: () => scrollRef.current,
    estimateSize: () => rowHeight,
    overscan: 20,
    getItemKey: (index) => lines[index]?.sequence ?? index,
  });
  useEffect(() => {
    if (!isFollowing || scrollRef.current === null) return;
    scrollRef.current.scrollTo({ top: lines.length * rowHeight });
    topRef.current = scrollRef.current.scrollTop;
  }, [isFollowing, lines, rowHeight]);

  return (
    <>
      <div
        ref={scrollRef}
        className={styles.scroll}
        tabIndex={0}
        role="log"
        aria-label="Log lines"
        aria-live="off"
        onScroll={(event) => {
          const { scrollTop, scrollHeight, clientHeight } = event.currentTarget;
          const hasRisen = scrollTop < topRef.current;
          topRef.current = scrollTop;
          // New lines alone also move the end away from what is in view.
          if (scrollHeight - scrollTop - clientHeight < rowHeight * 2) onFollowing(true);
          else if (hasRisen) onFollowing(false);
        }}
      >
        <ol className={styles.lines} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((item) => {
            const line = lines[item.index];
            return line === undefined ? null : (
              <li
                key={item.key}
                className={classes(styles.line, styles[line.level])}
                style={{ transform: `translateY(${item.start}px)`, height: rowHeight }}
              >
                <LineCells line={line} />
              </li>
            );
          })}
        </ol>
      </div>
      {!isFollowing && (
        <Button
          className={styles.newer}
          size="small"
          look="primary"
          icon={<ArrowDown aria-hidden />}
          onClick={() => onFollowing(true)}
        >
          {newerCount > 0 ? `${newerCount} new` : 'Follow'}
        </Button>
      )}
    </>
  );
}

function LineCells({ line }: { line: LogLine }) {
  const fields = plainText(fieldsText(line));
  const message = plainText(line.message);
  return (
    <>
      <time className={styles.time} dateTime={new Date(line.atMs).toISOString()} title={formatFullTime(line.atMs)}>
        {formatPreciseClock(line.atMs)}
      </time>
      <span className={styles.level}>{line.level}</span>
      <span className={`${styles.message} selectable`} title={`${message} ${fields}`.slice(0, 2_000)}>
        {message} <span className={styles.fields}>{fields.slice(0, 600)}</span>
      </span>
    </>
  );
}
