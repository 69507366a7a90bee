import { ChartSpline } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { ScoredPage } from '../../../preload/contract.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { Gauge } from '../../components/gauge.tsx';
import { SearchField } from '../../components/search-field.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { ViewFrame } from '../../components/view-frame.tsx';
import { formatCount } from '../../format/number.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatAgo } from '../../format/time.ts';
import { readableUrl } from '../../format/words.ts';
import { useNewTask } from '../../shell/new-task.tsx';
import { useRead } from '../../state/reads.ts';
import { replaceParameters } from '../../state/route.ts';
import { categoryLabel } from '../metric-labels.ts';
import { PageScores } from './page-scores.tsx';
import styles from './scores-view.module.css';

const TYPING_PAUSE_MS = 150;

/** Lighthouse's scores of every page that was audited, and how they changed. */
export function ScoresView({ parameters }: { parameters: URLSearchParams }) {
  const [text, setText] = useState('');
  const [askedText, setAskedText] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setAskedText(text), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  const pages = useRead('scoredPages', { text: askedText });
  const openNewTask = useNewTask();
  const chosen = chosenPage(pages.data ?? [], parameters);

  if (pages.isError) {
    return (
      <ViewFrame title="Scores">
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      </ViewFrame>
    );
  }
  if (pages.data?.length === 0 && askedText === '') {
    return (
      <ViewFrame title="Scores" body="fixed">
        <EmptyState
          icon={<ChartSpline />}
          title="No page has been audited yet"
          action={<Button onClick={openNewTask}>New task</Button>}
        >
          Tasks of the type Lighthouse give scores for speed, accessibility and more. They are followed here, page by
          page.
        </EmptyState>
      </ViewFrame>
    );
  }
  return (
    <ViewFrame title="Scores" body="fixed">
      <div className={styles.split}>
        <div className={styles.list}>
          <div className={styles.search}>
            <SearchField label="Search pages" value={text} onChange={setText} />
          </div>
          {pages.data === undefined ? (
            <Skeleton />
          ) : (
            <ul className={styles.pages} aria-label="Pages">
              {pages.data.map((page) => (
                <li key={`${page.url} ${page.formFactor}`}>
                  <PageButton page={page} isChosen={page === chosen} />
                </li>
              ))}
              {pages.data.length === 0 && <li className={styles.nothing}>No page fits.</li>}
            </ul>
          )}
        </div>
        <div className={styles.detail}>
          {chosen !== undefined && <PageScores key={`${chosen.url} ${chosen.formFactor}`} page={chosen} />}
        </div>
      </div>
    </ViewFrame>
  );
}

function chosenPage(pages: readonly ScoredPage[], parameters: URLSearchParams): ScoredPage | undefined {
  const url = parameters.get('url');
  const formFactor = parameters.get('formFactor');
  return pages.find((page) => page.url === url && page.formFactor === formFactor) ?? pages[0];
}

function PageButton({ page, isChosen }: { page: ScoredPage; isChosen: boolean }) {
  const performance = page.categories.performance ?? null;
  return (
    <button
      type="button"
      className={classes(styles.page, isChosen && styles.chosen)}
      aria-current={isChosen ? 'true' : undefined}
      onClick={() => replaceParameters('scores', '', { url: page.url, formFactor: page.formFactor })}
    >
      <Gauge
        size="small"
        label={categoryLabel('performance')}
        score={performance === null ? null : Math.round(performance * 100)}
      />
      <span className={styles.words}>
        <bdi className={styles.url}>{plainText(readableUrl(page.url))}</bdi>
        <span className={styles.note}>
          {page.formFactor} · {formatCount(page.audits, 'audit')} · {formatAgo(page.lastAtMs, Date.now())}
        </span>
      </span>
    </button>
  );
}
