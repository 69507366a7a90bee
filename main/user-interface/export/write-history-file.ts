import { type FileHandle, open } from 'node:fs/promises';
import type { ListedAttempt } from '../../agent/history/attempt-rows.ts';
import { csvLine } from './csv-line.ts';

const COLUMNS = [
  'attemptId',
  'taskId',
  'attempt',
  'type',
  'url',
  'host',
  'origin',
  'startedAt',
  'durationMs',
  'outcome',
  'errorCode',
  'errorMessage',
] as const;

/** Writes attempts to a file as they come, so that neither memory nor anybody else suffers from a long history. */
export async function writeHistoryFile(
  path: string,
  format: 'csv' | 'json',
  attempts: AsyncIterable<ListedAttempt[]>,
): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    if (format === 'csv') await writeCsv(file, attempts);
    else await writeJson(file, attempts);
  } finally {
    await file.close();
  }
}

async function writeCsv(file: FileHandle, attempts: AsyncIterable<ListedAttempt[]>): Promise<void> {
  await file.write(csvLine(COLUMNS));
  for await (const some of attempts) {
    const lines = some.map((attempt) => {
      const exported = exportedAttempt(attempt);
      return csvLine(COLUMNS.map((column) => exported[column]));
    });
    if (lines.length > 0) await file.write(lines.join(''));
  }
}

async function writeJson(file: FileHandle, attempts: AsyncIterable<ListedAttempt[]>): Promise<void> {
  await file.write('[');
  let separator = '\n';
  for await (const some of attempts) {
    if (some.length === 0) continue;
    await file.write(separator + some.map((attempt) => JSON.stringify(exportedAttempt(attempt))).join(',\n'));
    separator = ',\n';
  }
  await file.write('\n]\n');
}

function exportedAttempt(attempt: ListedAttempt): Record<(typeof COLUMNS)[number], string | number | null> {
  return {
    attemptId: attempt.attemptId,
    taskId: attempt.taskId,
    attempt: attempt.number,
    type: attempt.type,
    url: attempt.url,
    host: attempt.site,
    origin: attempt.origin,
    startedAt: new Date(attempt.startedAtMs).toISOString(),
    durationMs: attempt.durationMs,
    outcome: attempt.outcome,
    errorCode: attempt.error?.code ?? null,
    errorMessage: attempt.error?.message ?? null,
  };
}
