import type { Log, LogFields, LogLevel } from '../../main/protocol/ports.ts';

/** A log that keeps its lines for assertions and prints nothing. */
export class RecordingLog implements Log {
  readonly lines: { level: LogLevel; message: string; fields: LogFields }[] = [];

  debug(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'debug', message, fields });
  }
  info(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'info', message, fields });
  }
  warn(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'warn', message, fields });
  }
  error(message: string, fields: LogFields = {}): void {
    this.lines.push({ level: 'error', message, fields });
  }
}
