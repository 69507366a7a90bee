import { join } from 'node:path';
import type { Log, LogFields, LogLevel } from '../../protocol/ports.ts';
import { formatHumanLine, formatJsonLine, type LogEntry } from './format-line.ts';
import type { Redactor } from './redactor.ts';
import { openRotatingFile } from './rotating-file.ts';

const RANK: Readonly<Record<LogLevel, number>> = { debug: 0, info: 1, warn: 2, error: 3 };

export interface LogOptions {
  /** Folder of `legwork.log` (JSON lines, rotated); null writes no file. */
  folder: string | null;
  /** Form of the lines that go to `writeConsole`. */
  console: 'human' | 'json' | 'none';
  /** The least important lines that are written. */
  level: LogLevel;
  /** The same for the console alone, when less of it should be seen there. */
  consoleLevel?: LogLevel;
  redactor: Redactor;
  /** Takes a line with its newline; standard error by default, since standard output belongs to results. */
  writeConsole?: (line: string) => void;
  /** Is told of every entry that is written, redacted. */
  onEntry?: (entry: LogEntry) => void;
  nowMs?: () => number;
  maxFileBytes?: number;
}

/** A log that can be ended; what is logged afterwards reaches the console only. */
export interface ClosableLog extends Log {
  close(): void;
}

/** Where a data folder's log is. */
export function logFolder(dataFolder: string): string {
  return join(dataFolder, 'logs');
}

/** The log file of a data folder, the newest one. */
export function logFile(dataFolder: string): string {
  return join(logFolder(dataFolder), 'legwork.log');
}

/** A log to a file and to the console. Everything passes the redactor first, so that no sink can leak a secret. */
export function createLog(options: LogOptions): ClosableLog {
  const { redactor, nowMs = Date.now } = options;
  const writeConsole = options.writeConsole ?? ((line: string) => process.stderr.write(line));
  const file =
    options.folder === null
      ? null
      : openRotatingFile({ path: join(options.folder, 'legwork.log'), maxBytes: options.maxFileBytes });

  function write(level: LogLevel, message: string, fields: LogFields = {}): void {
    if (RANK[level] < RANK[options.level]) return;
    const entry: LogEntry = {
      timeMs: nowMs(),
      level,
      message: redactor.text(message),
      fields: redactor.fields(fields),
    };
    file?.writeLine(formatJsonLine(entry));
    options.onEntry?.(entry);
    if (options.console === 'none' || RANK[level] < RANK[options.consoleLevel ?? options.level]) return;
    writeConsole(`${options.console === 'json' ? formatJsonLine(entry) : formatHumanLine(entry)}\n`);
  }

  return {
    debug: (message, fields) => write('debug', message, fields),
    info: (message, fields) => write('info', message, fields),
    warn: (message, fields) => write('warn', message, fields),
    error: (message, fields) => write('error', message, fields),
    close: () => file?.close(),
  };
}
