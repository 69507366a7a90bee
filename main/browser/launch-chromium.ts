import { spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { LegworkError } from '../protocol/error-table.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { CdpConnection } from './cdp-connection.ts';
import { chromiumArguments } from './chromium-arguments.ts';
import { killProcessGroup } from './process-group.ts';
import { removeProfile } from './remove-profile.ts';
import { PROCESS_ID_FILE, PROFILE_PREFIX } from './sweep-profiles.ts';

export interface LaunchOptions {
  readonly kind: BrowserInformation['kind'];
  readonly executablePath: string;
  /** Profiles are made in this folder. */
  readonly runFolder: string;
  readonly sandbox: boolean;
  /** Opens a DevTools port beside the pipe, for programs that can only use a port. Default false. */
  readonly debuggingPort?: boolean;
  readonly extraArguments?: readonly string[];
  /** How long Chromium may take until it answers. Default 30 s. */
  readonly startTimeoutMs?: number;
}

/** A running Chromium that belongs to this process alone. */
export interface LaunchedChromium {
  readonly connection: CdpConnection;
  /** The leader of the process group that all its processes are in. */
  readonly processId: number;
  readonly information: BrowserInformation;
  /** What the browser calls itself, unless a page is told to say something else. */
  readonly userAgent: string;
  /** The DevTools port, when one was asked for. */
  readonly debuggingPort: number | null;
  /** Resolves when the process has ended and its profile is removed; never rejects. */
  readonly exited: Promise<void>;
  /** Asks it to end, kills its whole process group after `graceMs` (default 2 s; 0: at once), removes its profile. */
  close(graceMs?: number): Promise<void>;
}

const DEFAULT_START_TIMEOUT_MS = 30_000;
const DEFAULT_GRACE_MS = 2_000;
const KEPT_STDERR_CHARACTERS = 4_000;

/**
 * Starts Chromium in a process group and a profile of its own, driven over a pipe: it ends by itself when this process
 * dies. Its process id stands in a file in the profile, so that a later start can sweep what a crash left behind.
 * @throws LegworkError `browser_missing` when there is no such program; `browser_failed` with its last words otherwise
 */
export async function launchChromium(options: LaunchOptions): Promise<LaunchedChromium> {
  await mkdir(options.runFolder, { recursive: true });
  const profileFolder = await mkdtemp(join(options.runFolder, PROFILE_PREFIX));
  const child = spawn(
    options.executablePath,
    chromiumArguments({
      kind: options.kind,
      profileFolder,
      sandbox: options.sandbox,
      debuggingPort: options.debuggingPort ?? false,
      extraArguments: options.extraArguments ?? [],
    }),
    {
      detached: process.platform !== 'win32',
      windowsHide: true,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe'],
      // Chromium must not take up what this process is told through its environment.
      env: { ...process.env, LEGWORK_TASK_HOST: undefined },
    },
  );
  const stderr = collectStderr(child);
  const spawnError = await startError(child);
  const processId = child.pid;
  if (spawnError !== null || processId === undefined) {
    await rm(profileFolder, { recursive: true, force: true });
    const isMissing = spawnError?.code === 'ENOENT' || spawnError?.code === 'EACCES';
    throw new LegworkError(
      isMissing ? 'browser_missing' : 'browser_failed',
      `${options.executablePath} (${spawnError?.code ?? 'no process'}).`,
    );
  }
  const connection = new CdpConnection(child.stdio[4] as Readable, child.stdio[3] as Writable);
  const exited = cleanUpAfterExit(child, processId, connection, profileFolder);
  const close = (graceMs = DEFAULT_GRACE_MS): Promise<void> =>
    closeChromium({ child, processId, connection, exited, graceMs });
  try {
    await writeFile(join(profileFolder, PROCESS_ID_FILE), String(processId));
    const timeoutMs = options.startTimeoutMs ?? DEFAULT_START_TIMEOUT_MS;
    const answer = await withinTime(connection.send('Browser.getVersion'), timeoutMs);
    const debuggingPort = options.debuggingPort === true ? await readDebuggingPort(profileFolder, timeoutMs) : null;
    return {
      connection,
      processId,
      information: {
        kind: options.kind,
        version: answer.product.replace(/^.*\//, ''),
        path: options.executablePath,
      },
      userAgent: answer.userAgent,
      debuggingPort,
      exited,
      close,
    };
  } catch (error) {
    await close(0);
    throw new LegworkError('browser_failed', lastWords(options.executablePath, stderr()), { cause: error });
  }
}

/** Resolves with null once the process runs, or with why it could not be started. */
function startError(child: ChildProcess): Promise<NodeJS.ErrnoException | null> {
  return new Promise((resolve) => {
    child.once('spawn', () => resolve(null));
    child.on('error', resolve);
  });
}

/** Keeps the end of what the process says, and keeps reading, since a full pipe would stop it. */
function collectStderr(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-KEPT_STDERR_CHARACTERS);
  });
  child.stderr?.on('error', () => {});
  return () => text;
}

function lastWords(executablePath: string, stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const words = lines.slice(-5).join(' | ').slice(-800);
  return words === '' ? `${executablePath} said nothing.` : `${executablePath} said: ${words}`;
}

async function cleanUpAfterExit(
  child: ChildProcess,
  processId: number,
  connection: CdpConnection,
  profileFolder: string,
): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    await new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
    });
  }
  // Renderers of a killed browser may live on for a moment, and would write into the profile.
  killProcessGroup(processId);
  connection.close();
  await removeProfile(profileFolder);
}

async function closeChromium(options: {
  child: ChildProcess;
  processId: number;
  connection: CdpConnection;
  exited: Promise<void>;
  graceMs: number;
}): Promise<void> {
  const { child, processId, connection, exited, graceMs } = options;
  if (graceMs > 0) connection.post('Browser.close');
  const timer = setTimeout(() => {
    // While its profile is removed after its end, its number may become another process's.
    if (child.exitCode === null && child.signalCode === null) killProcessGroup(processId);
  }, graceMs);
  await exited;
  clearTimeout(timer);
}

async function withinTime<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

/** Chromium writes the port's number as the first line of `DevToolsActivePort` in its profile. */
async function readDebuggingPort(profileFolder: string, timeoutMs: number): Promise<number> {
  const endMs = performance.now() + timeoutMs;
  while (performance.now() < endMs) {
    const text = await readFile(join(profileFolder, 'DevToolsActivePort'), 'utf8').catch(() => '');
    const port = Number.parseInt(text, 10);
    if (port > 0 && text.includes('\n')) return port;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error('no DevTools port');
}
