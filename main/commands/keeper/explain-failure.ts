import { ConfigurationError } from '../../agent/config/configuration-error.ts';
import { StoreError } from '../../agent/queue/store-error.ts';
import { SecretStoreError } from '../../agent/secrets/secret-store.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { CommandError } from '../command-error.ts';

/** Why an agent did not start, and whether trying again by itself may help. */
export interface ExplainedFailure {
  code: string;
  sentence: string;
  isPassing: boolean;
}

/** Failures of the store that somebody else may bring to an end. */
const PASSING_STORE_FAILURES = ['locked', 'not_writable', 'failed'];

/** Anything that was thrown while an agent was started, for people. */
export function explainFailure(error: unknown): ExplainedFailure {
  if (error instanceof StoreError) {
    return { code: error.code, sentence: error.message, isPassing: PASSING_STORE_FAILURES.includes(error.code) };
  }
  if (error instanceof CommandError && error.exit === 'noSandbox') {
    return { code: 'no_sandbox', sentence: error.message, isPassing: false };
  }
  if (error instanceof SecretStoreError) return { code: 'secret_store', sentence: error.message, isPassing: true };
  if (error instanceof ConfigurationError) {
    return { code: 'configuration', sentence: error.problems.join(' '), isPassing: false };
  }
  if (error instanceof LegworkError && error.code !== 'internal') {
    return { code: error.code, sentence: error.message, isPassing: true };
  }
  return { code: 'crashed', sentence: `${describeError(error)}.`.replace(/\.\.$/, '.'), isPassing: true };
}
