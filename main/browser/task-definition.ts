import type { z } from 'zod';
import type { BlobReference, JsonObject } from '../protocol/fields.ts';
import type { Log } from '../protocol/ports.ts';
import type { TaskType } from '../protocol/task-type.ts';
import type { BrowserGuard, TaskTraffic } from './network-guard/page-network.ts';
import type { BrowserPool } from './browser-pool.ts';

/** Where a handler leaves the large parts of its result. */
export interface BlobWriter {
  /**
   * Stores the content under its hash, fsynced, and returns what names it.
   * @param name unique within the result, a plain lower-case file name such as `page.html`
   * @throws LegworkError `disk_full`
   */
  write(name: string, content: string | Uint8Array, contentType: string): Promise<BlobReference>;
}

/** The answer of a site to the request of a page. */
export interface SiteAnswer {
  readonly url: string;
  readonly status: number;
  /** What its Retry-After asks for, milliseconds from now; null without one. */
  readonly retryAfterMs: number | null;
}

/** What a handler is given beside its payload. */
export interface TaskContext {
  /** Aborts on cancel and on the deadline, with a LegworkError as its reason; the handler stops and rejects with it. */
  readonly signal: AbortSignal;
  readonly browsers: BrowserPool;
  /** Where a browser that the handler starts itself gets its way out from; pages of `browsers` have theirs. */
  readonly guard: BrowserGuard;
  /** Every way out that the task has is added here, so that its bytes are counted. */
  readonly traffic: TaskTraffic;
  readonly blobs: BlobWriter;
  readonly log: Log;
  /**
   * Resolves when the site's robots.txt allows a visit. For types that follow links: they ask for every page. Whether a
   * single page is asked for is the host's choice, and is seen to before `run`.
   * @throws LegworkError `robots_disallowed`, `robots_unreachable`, `url_refused`
   */
  checkRobots(url: string): Promise<void>;
  /**
   * The same for every address that a visited page leads on to (redirects, of the site and of the page itself), where the
   * host wants robots.txt asked for single pages; absent where not. The task's own address has been asked for.
   */
  readonly checkRedirect?: (url: string) => Promise<void>;
  /** Percent 0–100 and a stage in a word or two. */
  progress(percent: number, stage: string): void;
  /** Tells how a site has answered, so that one that asks for less is left alone. Before `slotFree`. */
  siteAnswered(answer: SiteAnswer): void;
  /** Says that the browser is done with and only writing is left, so that the next task may start. */
  slotFree(): void;
}

/**
 * Ties the types of a definition to its schemas, then forgets them, so that definitions of all types fit one registry.
 * The task host parses the payload before it calls `run` and the result after it.
 */
export function defineTask<PayloadSchema extends z.ZodType, ResultSchema extends z.ZodType>(definition: {
  name: string;
  version: number;
  summary: string;
  lane: TaskType['lane'];
  payloadSchema: PayloadSchema;
  resultSchema: ResultSchema;
  deadlineMs(payload: z.output<PayloadSchema>): number;
  run(payload: z.output<PayloadSchema>, context: TaskContext): Promise<z.input<ResultSchema>>;
}): AnyTaskDefinition {
  return definition as unknown as AnyTaskDefinition;
}

/** A task type with the way it is carried out: one file under `tasks/` exports one of these. */
export interface AnyTaskDefinition extends TaskType {
  /** @throws LegworkError for every foreseen failure */
  run(payload: JsonObject, context: TaskContext): Promise<JsonObject>;
}
