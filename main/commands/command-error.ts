import type { ExitName } from './exit-codes.ts';

/** Ends a command with a message in one or a few lines for people, and a named exit code. */
export class CommandError extends Error {
  readonly exit: ExitName;

  constructor(exit: ExitName, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'CommandError';
    this.exit = exit;
  }
}
