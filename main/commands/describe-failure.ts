import { ConfigurationError } from '../agent/config/configuration-error.ts';
import { SecretStoreError } from '../agent/secrets/secret-store.ts';
import { LegworkError } from '../protocol/error-table.ts';
import { CommandError } from './command-error.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';

/** How a command that threw ends: what is printed on standard error, and the exit code. */
export interface Failure {
  lines: string[];
  exitCode: number;
}

function fail(exit: ExitName, ...lines: string[]): Failure {
  return { lines, exitCode: EXIT_CODES[exit].code };
}

/** Errors of the system that a person can do something about. */
function describeSystemError(error: NodeJS.ErrnoException): Failure | null {
  const where = error.path === undefined ? '' : ` (${error.path})`;
  const { code = '' } = error;
  if (code === 'EADDRINUSE') {
    return fail('alreadyRunning', 'The port is taken by another program. Choose another one with --port.');
  }
  if (code === 'EADDRNOTAVAIL') {
    return fail('usage', 'This machine does not have that address. Choose another one with --host.');
  }
  if (code === 'EACCES' || code === 'EPERM') return fail('failure', `Permission denied${where}.`);
  if (code === 'EROFS') return fail('failure', `The disk can only be read${where}.`);
  if (code === 'ENOSPC') return fail('failure', `The disk is full${where}.`);
  return null;
}

/** What to tell of anything that a command has thrown: one clear line, the stack only with LEGWORK_DEBUG. */
export function describeFailure(thrown: unknown, withStack: boolean): Failure {
  const failure = failureOf(thrown);
  if (withStack && thrown instanceof Error && thrown.stack !== undefined) failure.lines.push(thrown.stack);
  return failure;
}

function failureOf(thrown: unknown): Failure {
  if (thrown instanceof CommandError) return fail(thrown.exit, thrown.message);
  if (thrown instanceof ConfigurationError) return fail('configuration', ...thrown.problems);
  if (thrown instanceof SecretStoreError) return fail('failure', thrown.message);
  if (thrown instanceof LegworkError) {
    return fail(thrown.code === 'browser_missing' ? 'browserMissing' : 'failure', thrown.message);
  }
  if (!(thrown instanceof Error)) return fail('failure', String(thrown));
  return (
    describeSystemError(thrown) ??
    fail('failure', `${thrown.message.split('\n', 1)[0] ?? ''} (set LEGWORK_DEBUG=1 to see where)`)
  );
}
