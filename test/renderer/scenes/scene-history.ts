import type { HistoryFilter, HistoryRow, TaskDetail } from '../../../preload/contract.ts';

const HOSTS = [
  'example.org',
  'shop.example.com',
  'docs.example.net',
  'www.baeckerei-huber.example',
  'staging.acme.example',
  'news.example.co.uk',
  'münchen.example',
  'api.example.dev',
];
const PATHS = [
  '/',
  '/about',
  '/products/42',
  '/blog/2026/11/how-we-measure',
  '/search?q=lamp&page=3',
  '/kontakt',
  '/pricing',
];
const STEP_MS = 23_000;

/** The error of some attempts, by the number of the row. */
function errorOf(index: number): HistoryRow['error'] {
  const errors: NonNullable<HistoryRow['error']>[] = [
    { code: 'page_timeout', class: 'transient', message: 'The page did not reach the awaited state in time.' },
    { code: 'name_not_resolved', class: 'transient', message: 'The host name could not be resolved.' },
    { code: 'tls_failed', class: 'permanent', message: 'The TLS connection to the site could not be trusted.' },
  ];
  return errors[index % errors.length] ?? null;
}

/** Row `index` of a history whose newest attempt started at `newestMs`; the same index gives the same row. */
export function historyRowAt(index: number, newestMs: number): HistoryRow {
  const host = HOSTS[(index * 7 + (index >> 3)) % HOSTS.length] ?? 'example.org';
  const isLighthouse = index % 5 === 3;
  const isFailed = index % 17 === 4;
  const outcome = isFailed ? 'failed' : index % 53 === 9 ? 'cancelled' : 'completed';
  return {
    attemptId: `attempt-${index}`,
    taskId: `task-${index}`,
    attemptNumber: index % 29 === 6 ? 2 : 1,
    type: isLighthouse ? 'lighthouse_html' : 'website_html',
    url: `https://${host}${PATHS[(index * 3) % PATHS.length] ?? '/'}`,
    host,
    origin: index % 11 === 2 ? 'local' : 'hub',
    startedAtMs: newestMs - index * STEP_MS,
    durationMs: isLighthouse ? 24_000 + ((index * 977) % 15_000) : 600 + ((index * 611) % 4_200),
    outcome,
    error: isFailed ? errorOf(index) : null,
  };
}

/** A history that can be filtered and read in pages, as the agent's store would. */
export class SceneHistory {
  readonly #rows: HistoryRow[];

  constructor(rows: HistoryRow[]) {
    this.#rows = rows;
  }

  static generated(count: number, newestMs: number): SceneHistory {
    return new SceneHistory(Array.from({ length: count }, (_, index) => historyRowAt(index, newestMs)));
  }

  add(row: HistoryRow): void {
    this.#rows.unshift(row);
  }

  page(filter: HistoryFilter, offset: number, limit: number): { rows: HistoryRow[]; total: number } {
    const rows = this.filtered(filter);
    return { rows: rows.slice(offset, offset + limit), total: rows.length };
  }

  filtered(filter: HistoryFilter): HistoryRow[] {
    const text = filter.text.toLowerCase();
    return this.#rows.filter(
      (row) =>
        (text === '' || row.url.toLowerCase().includes(text) || row.taskId.includes(text)) &&
        (filter.type === null || row.type === filter.type) &&
        (filter.outcome === null || row.outcome === filter.outcome) &&
        (filter.host === null || row.host === filter.host) &&
        (filter.fromMs === null || row.startedAtMs >= filter.fromMs) &&
        (filter.toMs === null || row.startedAtMs < filter.toMs),
    );
  }

  facets(): { types: string[]; hosts: string[] } {
    return {
      types: [...new Set(this.#rows.map((row) => row.type))].sort(),
      hosts: [...new Set(this.#rows.map((row) => row.host))].sort(),
    };
  }

  row(taskId: string): HistoryRow | undefined {
    return this.#rows.find((row) => row.taskId === taskId);
  }
}

export type SceneTask = TaskDetail;
