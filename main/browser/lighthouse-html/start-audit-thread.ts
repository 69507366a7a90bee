import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { LegworkError } from '../../protocol/error-table.ts';
import type { AuditAnswer, AuditQuestion } from './audit-thread.ts';

/** The trace of a very large page; what needs more ends this thread, not the task host. */
const MEMORY_LIMIT_MB = 2_048;

/** A thread that answers one question and is then done. */
export interface AuditThread {
  /** @throws LegworkError `out_of_memory`, or `internal` when the thread ends without an answer */
  ask(question: AuditQuestion): Promise<AuditAnswer>;
  /** Ends it wherever it is. */
  stop(): Promise<void>;
}

/**
 * Starts the thread; it loads Lighthouse while its question is not there yet.
 * @throws LegworkError `internal` when its program is missing
 */
export function startAuditThread(): AuditThread {
  const thread = new Worker(auditThreadFile(), {
    name: 'lighthouse',
    execArgv: [],
    resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB },
  });
  const answer = new Promise<AuditAnswer>((resolve, reject) => {
    thread.once('message', (reply: AuditAnswer) => resolve(reply));
    thread.on('error', (error: NodeJS.ErrnoException) => reject(threadError(error)));
    thread.once('exit', () => reject(new LegworkError('internal', 'The Lighthouse thread ended without an answer.')));
  });
  // A thread that is stopped before it is asked has nobody who waits for it.
  answer.catch(() => {});
  return {
    ask: (question) => {
      thread.postMessage(question, []);
      return answer;
    },
    stop: async () => {
      await thread.terminate();
    },
  };
}

function threadError(error: NodeJS.ErrnoException): LegworkError {
  return error.code === 'ERR_WORKER_OUT_OF_MEMORY'
    ? new LegworkError('out_of_memory', `Lighthouse needed more than ${MEMORY_LIMIT_MB} MB for the page.`)
    : new LegworkError('internal', `Lighthouse thread: ${error.message}`, { cause: error });
}

/** The thread's program: beside this file in the sources; beside the program, or above its chunks, when built. */
function auditThreadFile(): URL {
  const places = ['./audit-thread.ts', './audit-thread.js', '../audit-thread.js'];
  const found = places.map((place) => new URL(place, import.meta.url)).find((place) => existsSync(place));
  if (found === undefined) {
    throw new LegworkError('internal', `audit-thread.js is missing beside ${fileURLToPath(import.meta.url)}.`);
  }
  return found;
}
