import { Command } from 'commander';
import { FileSecretStore, secretFilePath } from '../agent/secrets/file-secret-store.ts';
import { EnrolmentTokenError } from '../agent/server/enrol.ts';
import { HubCallError } from '../agent/server/hub-call-error.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { prepareDataFolder } from './data-folder.ts';
import { enrolHere } from './enrol-here.ts';
import { hubCallFailure } from './hub-call.ts';
import { printJson, printLine, printNote } from './output.ts';

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
      const workerId = await enrolFor({ hubUrl: config.hubUrl, token, label: config.label, secrets });
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

async function enrolFor(options: Parameters<typeof enrolHere>[0]): Promise<string> {
  try {
    return await enrolHere(options);
  } catch (error) {
    if (error instanceof EnrolmentTokenError) throw new CommandError('usage', error.message);
    if (error instanceof HubCallError) throw hubCallFailure(error, options.hubUrl);
    throw error;
  }
}
