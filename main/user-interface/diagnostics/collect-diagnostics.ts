import { readdir, readFile, stat } from 'node:fs/promises';
import { availableParallelism, freemem, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { logFolder } from '../../agent/log/create-log.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import type { CallContext } from '../calls/call-context.ts';
import { storageFigures } from '../storage.ts';
import { withoutQueries } from './without-addresses.ts';

/** The newest part of each log file; old lines say little about a fault of today. */
const LOG_BYTES = 5 * 1024 * 1024;
const LOG_NAME = /^legwork\.log(\.\d+)?$/;

/** The files of the archive: name → text. What cannot be found out is said in its place. */
export async function collectDiagnostics(context: CallContext): Promise<Record<string, string>> {
  const { keeper, feed } = context;
  const files: Record<string, unknown> = {
    'versions.json': versions(),
    'configuration.json': keeper.describeSettings().map(({ key, value, source }) => ({ key, value, source })),
    'state.json': await attempt(() => stateOf(feed.present())),
    'database.json': await attempt(() => keeper.agent?.queue.statistics() ?? null),
    'storage.json': await attempt(() => storageFigures(keeper)),
    'doctor.json': await attempt(async () => (context.doctor === null ? null : await context.doctor())),
  };
  const texts = Object.entries(files).map(([name, value]) => [name, JSON.stringify(value, null, 2)] as const);
  const logs = await readLogs(logFolder(keeper.settings.config.dataFolder));
  return Object.fromEntries([...texts, ...logs].map(([name, text]) => [name, withoutQueries(text)]));
}

function versions(): Record<string, unknown> {
  return {
    legwork: LEGWORK_VERSION,
    runtime: process.versions,
    platform: process.platform,
    release: release(),
    architecture: process.arch,
    processors: availableParallelism(),
    memoryBytes: totalmem(),
    freeMemoryBytes: freemem(),
    load: loadavg(),
    uptimeSeconds: Math.round(process.uptime()),
  };
}

/** Without the hosts that were visited: they are nobody's business who looks for a fault of Legwork. */
function stateOf(snapshot: ReturnType<CallContext['feed']['present']>): Record<string, unknown> {
  const { running, queue, recent, statusLine: _statusLine, ...rest } = snapshot;
  return {
    ...rest,
    running: running.map(({ type, lane, attemptNumber, startedAtMs, progress }) => ({
      type,
      lane,
      attemptNumber,
      startedAtMs,
      progress,
    })),
    queue: { pending: queue.pending, undelivered: queue.undelivered },
    recent: recent.map(({ type, outcome, finishedAtMs }) => ({ type, outcome, finishedAtMs })),
  };
}

async function readLogs(folder: string): Promise<[string, string][]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => LOG_NAME.test(name));
  return Promise.all(
    names.map(async (name): Promise<[string, string]> => [`logs/${name}`, await readEnd(join(folder, name))]),
  );
}

async function readEnd(path: string): Promise<string> {
  try {
    const { size } = await stat(path);
    const text = await readFile(path, 'utf8');
    return size <= LOG_BYTES ? text : text.slice(-LOG_BYTES);
  } catch (error) {
    return describeError(error);
  }
}

async function attempt<Value>(find: () => Value | Promise<Value>): Promise<Value | { problem: string }> {
  try {
    return await find();
  } catch (error) {
    return { problem: describeError(error) };
  }
}
