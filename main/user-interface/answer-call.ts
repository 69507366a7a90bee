import type { z } from 'zod';
import {
  CALL_NAMES,
  type CallFailure,
  type CallHandlers,
  type CallName,
  type CallOutcome,
  contract,
} from '../../preload/contract.ts';
import { ConfigurationError } from '../agent/config/configuration-error.ts';
import { StoreError } from '../agent/queue/store-error.ts';
import { SecretStoreError } from '../agent/secrets/secret-store.ts';
import { describeError } from '../protocol/describe-error.ts';
import { LegworkError } from '../protocol/error-table.ts';
import type { Log } from '../protocol/ports.ts';
import { UserInterfaceError } from './user-interface-error.ts';

function isCallName(name: string): name is CallName {
  return (CALL_NAMES as string[]).includes(name);
}

/**
 * Answers a call of either transport: parses the argument, and makes a failure of whatever goes wrong. Never rejects.
 * @param log is told of what nobody foresaw
 */
export async function answerCall(
  handlers: CallHandlers,
  name: string,
  argument: unknown,
  log: Log,
): Promise<CallOutcome> {
  if (!isCallName(name)) {
    return { failure: { code: 'unknown_call', message: `There is no call ${JSON.stringify(name.slice(0, 100))}.` } };
  }
  const parsed = contract.calls[name].argument.safeParse(argument);
  if (!parsed.success) {
    return { failure: { code: 'invalid_argument', message: `${name}: ${wrongPlaces(parsed.error)}.` } };
  }
  try {
    const handler = handlers[name] as (argument: unknown) => unknown;
    return { answer: (await handler(parsed.data)) ?? null };
  } catch (error) {
    return { failure: failureOf(error, name, log) };
  }
}

function wrongPlaces(error: z.ZodError): string {
  return error.issues
    .slice(0, 5)
    .map(({ path, message }) => (path.length === 0 ? message : `${path.join('.')}: ${message}`))
    .join('; ');
}

/** What crosses the border of a failure: neither a stack, nor the message of an error that nobody foresaw. */
function failureOf(error: unknown, name: CallName, log: Log): CallFailure {
  if (error instanceof UserInterfaceError || error instanceof LegworkError || error instanceof StoreError) {
    return { code: error.code, message: error.message };
  }
  if (error instanceof SecretStoreError) return { code: 'secret_store', message: error.message };
  if (error instanceof ConfigurationError) return { code: 'configuration', message: error.message };
  const refused = refusalOfSystem(error);
  if (refused !== null) return refused;
  log.error('a call of the user interface failed in a way that was not foreseen', {
    call: name,
    problem: describeError(error),
  });
  return { code: 'internal', message: 'Something failed that should not have. The log says more.' };
}

/** What a person can do something about: a full disk, missing rights. null for anything else. */
function refusalOfSystem(error: unknown): CallFailure | null {
  const { code, path } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  const where = path === undefined ? '' : `: ${path}`;
  if (code === 'ENOSPC') return { code: 'disk_full', message: `The disk is full${where}.` };
  if (code === 'EACCES' || code === 'EPERM') return { code: 'no_permission', message: `Permission denied${where}.` };
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return { code: 'no_such_place', message: `There is no such place${where}.` };
  }
  if (code === 'EISDIR') return { code: 'no_such_place', message: `This is a folder${where}.` };
  if (code === 'EBUSY' || code === 'ETXTBSY') return { code: 'in_use', message: `Another program uses it${where}.` };
  if (code === 'EROFS') return { code: 'no_permission', message: `The disk can only be read${where}.` };
  return null;
}
