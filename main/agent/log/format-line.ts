import type { LogFields, LogLevel } from '../../protocol/ports.ts';

/** One thing to log, already redacted. */
export interface LogEntry {
  timeMs: number;
  level: LogLevel;
  message: string;
  fields: LogFields;
}

/** Longest text that one message or field may be; the rest is cut off, so that no page can fill the log. */
const LONGEST_TEXT = 4_000;

function shorten(text: string): string {
  return text.length <= LONGEST_TEXT ? text : `${text.slice(0, LONGEST_TEXT)}… (${text.length} characters)`;
}

/** The entry as one line of JSON: `time` (ISO 8601, UTC), `level`, `message`, then the fields. */
export function formatJsonLine({ timeMs, level, message, fields }: LogEntry): string {
  const line: Record<string, unknown> = { time: new Date(timeMs).toISOString(), level, message: shorten(message) };
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    line[Object.hasOwn(line, name) ? `field_${name}` : name] = typeof value === 'string' ? shorten(value) : value;
  }
  return JSON.stringify(line);
}

/** Shows control characters as `\xNN`: a page's title must not be able to write to somebody's terminal. */
export function printable(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (character) => {
    return character === '\n' ? ' ' : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
}

/** The same for a text of several lines, which it keeps. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

function formatField(value: LogFields[string]): string {
  if (typeof value !== 'string') return String(value);
  const text = printable(shorten(value));
  return text === '' || /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** The entry as a line for people, local time: `14:03:22 warn  message  name=value …`. */
export function formatHumanLine({ timeMs, level, message, fields }: LogEntry): string {
  const time = new Date(timeMs);
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
  const pairs = Object.entries(fields)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${formatField(value)}`);
  return [`${clock} ${level.padEnd(5)} ${printable(shorten(message))}`, ...pairs].join('  ');
}
