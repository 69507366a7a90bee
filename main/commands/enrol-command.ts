import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { Command } from 'commander';
import { storeEnrolledCredentials } from '../agent/secrets/credentials.ts';
import { FileSecretStore, secretFilePath } from '../agent/secrets/file-secret-store.ts';
import type { SecretStore } from '../agent/secrets/secret-store.ts';
import { enrol, EnrolmentTokenError } from '../agent/server/enrol.ts';
import { HubCallError } from '../agent/server/hub-call-error.ts';
import { systemClock } from '../protocol/ports.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { prepareDataFolder } from './data-folder.ts';
import { connectToHub, hubCallFailure, silentLog } from './hub-call.ts';
import { printJson, printLine, printNote } from './output.ts';

const INSTANCE_NAME = 'enrolment-instance-id';

/** `legwork enrol`: exchanges a one-time token for a worker's id and secret, and keeps them in the data folder. */
export function enrolCommand(): Command {
  const command = new Command('enrol')
    .option('--token <token>', 'The one-time token that the operator gave you; `-` reads it from standard input.')
    .option('--json', 'Print the result as JSON.');
  return addConfigOptions(command, ['hubUrl', 'dataFolder', 'label', 'allowPlainHttp'])
    .addHelpText(
      'after',
      `
The secret is stored in the data folder, readable by its owner only, and never printed. It is safe to repeat the
command: with the same token the same data folder gets the same worker.

Examples:
  legwork enrol --hub https://hub.example.org --token lwt_…
  pass show legwork-token | legwork enrol --hub https://hub.example.org --token -`,
    )
    .action(async (options: Record<string, unknown>) => {
      const { config, warnings } = await loadCommandConfig(options);
      for (const warning of warnings) printNote(`warning: ${warning}`);
      if (config.hubUrl === null) throw new CommandError('usage', 'Say which hub: --hub URL.');
      const token = await readToken(options['token']);
      prepareDataFolder(config.dataFolder);
      const secrets = new FileSecretStore(secretFilePath(config.dataFolder), (line) => printNote(`warning: ${line}`));
      const label = config.label === '' ? hostname().slice(0, 100) : config.label;
      const workerId = await enrolHere({ hubUrl: config.hubUrl, token, label, secrets });
      if (options['json'] === true) printJson({ hubUrl: config.hubUrl, workerId, dataFolder: config.dataFolder });
      else printLine(`Enrolled at ${config.hubUrl} as ${workerId}. Start working with: legwork agent`);
    });
}

async function readToken(option: unknown): Promise<string> {
  if (typeof option !== 'string') throw new CommandError('usage', 'Say which token: --token TOKEN.');
  if (option !== '-') return option;
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) text += String(chunk);
  return text.trim();
}

/** The id stays, so that a repeat with the same token is known as one, after a lost answer as well as later. */
async function instanceIdFor(secrets: SecretStore): Promise<string> {
  const known = await secrets.read(INSTANCE_NAME);
  if (known !== null) return known;
  const fresh = randomUUID();
  await secrets.write(INSTANCE_NAME, fresh);
  return fresh;
}

async function enrolHere(options: {
  hubUrl: string;
  token: string;
  label: string;
  secrets: SecretStore;
}): Promise<string> {
  const { hubUrl, token, label, secrets } = options;
  const instanceId = await instanceIdFor(secrets);
  const { transport, basePath } = connectToHub(hubUrl, { workerId: '', secret: '' });
  try {
    const answer = await enrol({ transport, basePath, token, instanceId, label, clock: systemClock, log: silentLog });
    await storeEnrolledCredentials({ hubUrl, workerId: answer.workerId, secret: answer.secret }, secrets);
    return answer.workerId;
  } catch (error) {
    if (error instanceof EnrolmentTokenError) throw new CommandError('usage', error.message);
    if (error instanceof HubCallError) throw hubCallFailure(error, hubUrl);
    throw error;
  } finally {
    transport.close();
  }
}
