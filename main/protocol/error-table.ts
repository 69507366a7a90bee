/**
 * - `transient`: the world was not ready (network, site, time-out); trying again later may help.
 * - `permanent`: the same input gives the same failure.
 * - `infrastructure`: this machine or program failed, not the page.
 * - `policy`: refused by a rule of the host or of Legwork.
 * - `cancelled`: somebody stopped it, or it was no longer this agent's to do.
 */
export type ErrorClass = 'transient' | 'permanent' | 'infrastructure' | 'policy' | 'cancelled';

/** `backoff`: try again with growing delay while attempts are left. `never`: the first failure is final. */
export type RetryRule = 'backoff' | 'never';

export interface ErrorDefinition {
  readonly class: ErrorClass;
  readonly retry: RetryRule;
  /** What happened, for a person. */
  readonly message: string;
  /** What that person can do about it. */
  readonly advice: string;
}

function define(errorClass: ErrorClass, retry: RetryRule, message: string, advice: string): ErrorDefinition {
  return { class: errorClass, retry, message, advice };
}

/** Every way in which an attempt can fail. Codes are part of the protocol: a hub stores them, operators filter by them. */
export const ERROR_TABLE = {
  // The page and its site
  name_not_resolved: define(
    'transient',
    'backoff',
    'The host name could not be resolved.',
    'Check the spelling of the host and the DNS of this machine.',
  ),
  connection_failed: define(
    'transient',
    'backoff',
    'The connection to the site failed.',
    'Check that the site is up and reachable from this machine.',
  ),
  tls_failed: define(
    'permanent',
    'never',
    'The TLS connection to the site could not be trusted.',
    "Check the site's certificate.",
  ),
  page_timeout: define(
    'transient',
    'backoff',
    'The page did not reach the awaited state in time.',
    'Raise timeoutMs, or wait for an earlier state (waitUntil).',
  ),
  selector_timeout: define(
    'transient',
    'backoff',
    'The awaited selector did not appear in time.',
    'Check waitForSelector against the page, or raise timeoutMs.',
  ),
  too_many_redirects: define(
    'permanent',
    'never',
    'The page redirects without end.',
    'Open the address in a browser and follow its redirects.',
  ),
  page_too_large: define(
    'permanent',
    'never',
    'The page is larger than the limit.',
    'Nothing was kept. Block resources or choose a smaller page.',
  ),
  page_too_busy: define(
    'permanent',
    'never',
    'The page does more than a page may: requests, frames, workers, windows or dialogs without end.',
    'Nothing was kept. Open the address in a browser and see what it does.',
  ),
  download_refused: define(
    'permanent',
    'never',
    'The address answers with a download instead of a page.',
    'Legwork renders pages; fetch files directly.',
  ),
  empty_response: define(
    'transient',
    'backoff',
    'The site closed the connection without an answer.',
    "Look at the site's logs.",
  ),
  invalid_response: define(
    'permanent',
    'never',
    'The site sent an answer that the browser could not read.',
    "Check the site's headers and encoding.",
  ),
  page_crashed: define(
    'transient',
    'backoff',
    'The page crashed its renderer.',
    'The page may need more memory than this machine gives it.',
  ),
  navigation_aborted: define(
    'transient',
    'backoff',
    'The navigation was aborted by the page or the browser.',
    'Open the address in a browser and see what it does.',
  ),
  audit_failed: define(
    'transient',
    'backoff',
    'Lighthouse could not audit the page.',
    'See the detail; the page may not paint, or may have failed to load.',
  ),
  // The task itself
  invalid_payload: define(
    'permanent',
    'never',
    'The payload does not fit the schema of its task type.',
    'Correct the field that the detail names.',
  ),
  unknown_type: define(
    'permanent',
    'never',
    'This agent does not know the task type.',
    'Update the agent, or send the job to one that knows it.',
  ),
  invalid_result: define(
    'infrastructure',
    'never',
    "The handler's result does not fit the schema of its task type.",
    'Report this: it is a fault of the task type.',
  ),
  // This machine
  task_deadline: define(
    'transient',
    'backoff',
    'The attempt used up its whole time and was stopped.',
    'Raise timeoutMs, or look at what the page does.',
  ),
  browser_missing: define(
    'infrastructure',
    'backoff',
    'No usable Chromium was found.',
    'Run `legwork doctor`: it names the command that gets one.',
  ),
  browser_failed: define('infrastructure', 'backoff', 'Chromium did not start.', 'Run `legwork doctor`.'),
  browser_crashed: define(
    'infrastructure',
    'backoff',
    'Chromium ended in the middle of the attempt.',
    'It is tried again. If it happens often, look at memory.',
  ),
  task_host_crashed: define(
    'infrastructure',
    'backoff',
    'The task host ended in the middle of the attempt.',
    'It is tried again. If it happens often, see the log.',
  ),
  agent_crashed: define(
    'infrastructure',
    'backoff',
    'The agent ended in the middle of the attempt.',
    'It is tried again. If it happens often, see the log.',
  ),
  out_of_memory: define(
    'infrastructure',
    'backoff',
    'The task host used more memory than it may.',
    'Lower the concurrency or raise the memory limit.',
  ),
  disk_full: define(
    'infrastructure',
    'backoff',
    'There is no room left on the disk for the result.',
    'Free some disk space; work goes on by itself.',
  ),
  blob_missing: define(
    'infrastructure',
    'never',
    'A part of the finished result is gone from the disk.',
    'Do not delete files from the data folder; run the task again.',
  ),
  internal: define('infrastructure', 'backoff', 'Something failed that should not have.', 'Report this with the log.'),
  // Rules
  url_refused: define(
    'policy',
    'never',
    'The address may not be visited.',
    'Only http and https addresses are visited, and not where the host forbids it.',
  ),
  type_disabled: define(
    'policy',
    'never',
    'This machine has the task type switched off.',
    'Send the job to another agent, or ask its host to switch the type on.',
  ),
  robots_disallowed: define(
    'policy',
    'never',
    "The site's robots.txt does not allow this visit.",
    'Ask the site; for single pages, the host decides with the setting robotsForPages.',
  ),
  robots_unreachable: define(
    'transient',
    'backoff',
    "The site's robots.txt could not be read, which forbids all visits for now (RFC 9309).",
    'It is tried again; the site must answer for /robots.txt with a file, or with 404.',
  ),
  // Somebody stopped it
  cancelled_by_operator: define('cancelled', 'never', 'The operator cancelled the job.', 'Nothing to do.'),
  cancelled_by_host: define(
    'cancelled',
    'never',
    'The task was stopped on this machine.',
    'Run it again if that was not meant.',
  ),
  lease_lost: define(
    'cancelled',
    'never',
    'The lease was lost: the hub has given the job to somebody else or ended it.',
    'Nothing to do; the hub has its own record.',
  ),
  shutdown: define('cancelled', 'backoff', 'The agent was stopped before the task could finish.', 'It is tried again.'),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERROR_TABLE;

/** All codes, in the order of the table, for schemas. */
export const ERROR_CODES = Object.keys(ERROR_TABLE) as [ErrorCode, ...ErrorCode[]];

/** The table's row for a code. */
export function errorDefinition(code: ErrorCode): ErrorDefinition {
  return ERROR_TABLE[code];
}

/**
 * The one error that handlers and the core throw on purpose. `detail` says what exactly was wrong and where, in one
 * line without secrets; `notBeforeMs` (Unix milliseconds) forbids a retry before that time (a site's Retry-After).
 */
export class LegworkError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly notBeforeMs: number | undefined;

  constructor(code: ErrorCode, detail = '', options: { notBeforeMs?: number; cause?: unknown } = {}) {
    super(detail === '' ? ERROR_TABLE[code].message : `${ERROR_TABLE[code].message} ${detail}`, {
      cause: options.cause,
    });
    this.name = 'LegworkError';
    this.code = code;
    this.detail = detail;
    this.notBeforeMs = options.notBeforeMs;
  }

  get class(): ErrorClass {
    return ERROR_TABLE[this.code].class;
  }
}

/** Any thrown value as a LegworkError; what nobody foresaw becomes `internal` with its message as the detail. */
export function toLegworkError(thrown: unknown): LegworkError {
  if (thrown instanceof LegworkError) return thrown;
  const detail = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
  return new LegworkError('internal', detail, { cause: thrown });
}
