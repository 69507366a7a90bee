import type { Command } from 'commander';
import { isPlainHttpToNetwork, normaliseHubUrl } from '../agent/config/hub-url.ts';
import { CommandError } from './command-error.ts';
import type { OperatorAccess } from './operator-client.ts';

/** Adds `--hub` and `--key`, for commands that speak with a hub as its operator. */
export function addOperatorOptions(command: Command): Command {
  return command
    .option('--hub <url>', 'Address of the hub.')
    .option('--key <key>', 'Operator key of the hub; better in LEGWORK_OPERATOR_KEY, which other users cannot see.');
}

/**
 * Address and key from the command's options and the environment.
 * @throws CommandError `usage`, `configuration`
 */
export function operatorAccess(
  options: Record<string, unknown>,
  environment: NodeJS.ProcessEnv = process.env,
): OperatorAccess {
  const written = String(options['hub']);
  const hubUrl = normaliseHubUrl(written);
  if (hubUrl === null) {
    throw new CommandError(
      'usage',
      `--hub: it must be an http(s) URL without user, query and fragment, such as https://hub.example.org.`,
    );
  }
  if (isPlainHttpToNetwork(hubUrl)) {
    throw new CommandError('usage', `--hub: ${hubUrl} would send the operator key readably; use https.`);
  }
  const key = options['key'] ?? environment['LEGWORK_OPERATOR_KEY'];
  if (typeof key !== 'string' || key === '') {
    throw new CommandError('configuration', 'The operator key is missing: set LEGWORK_OPERATOR_KEY, or give --key.');
  }
  return { hubUrl, key };
}
