import { availableParallelism } from 'node:os';

/**
 * Where a page is stopped, so that no page can fill the memory, the disk or the result. What a payload may lower stands
 * in main/protocol/page-limits.ts.
 */
export const LIMITS = {
  consoleErrors: 100,
  /** Console calls of any kind; after so many the console is not listened to any more. */
  consoleCalls: 1_000,
  failedRequests: 200,
  /** Frames in all its life; Chromium itself lets no page have more than 1,000 at once. */
  frames: 500,
  /** Workers: more than some a core that compute without end would starve everything else on the machine. */
  workers: Math.max(16, 4 * availableParallelism()),
  /** Dialogs and popups: listed, and then how many of them end the page. */
  listedDialogs: 20,
  dialogs: 100,
  listedPopups: 20,
  popups: 100,
  titleCharacters: 1_000,
  textCharacters: 1_000,
  urlCharacters: 2_000,
  finalUrlCharacters: 8_000,
  headerCharacters: 8_000,
  /** Markdown takes long of much HTML. */
  markdownBytes: 5 * 1024 * 1024,
} as const;

/** Between the word that a document is gone and the word of what comes after it there are milliseconds. */
export const LEAVE_TIMEOUT_MS = 2_000;

/** How long pictures may take, beside `timeoutMs`. */
export const CAPTURE_TIMEOUT_MS = 30_000;

/** How long nothing may happen before a page counts as idle or quiet. */
export const QUIET_MS = 500;

/** A page that sends the browser on after at most so many seconds is followed. */
export const FOLLOWED_REFRESH_SECONDS = 1;

/** A loaded document that shows something paints within a frame or two; an empty one never does. */
export const PAINT_TIMEOUT_MS = 200;
