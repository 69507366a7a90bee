import { join } from 'node:path';
import { Command } from 'commander';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { StoreError } from '../agent/queue/store-error.ts';
import type { LeaveReport } from '../agent/server/hub-link.ts';
import { HubCallError } from '../agent/server/hub-call-error.ts';
import { describeError } from '../protocol/describe-error.ts';
import { systemClock } from '../protocol/ports.ts';
import { type AgentWorld, openAgentWorld } from './agent-world.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { prepareDataFolder } from './data-folder.ts';
import { hubCallFailure, silentLog } from './hub-call.ts';
import { leaveHere } from './leave-here.ts';
import { explainStoreFailure, isAgentRunning } from './local-store.ts';
import { fixedIdentity, forgetIdentity } from './own-identity.ts';
import { printJson, printLine, printNote } from './output.ts';

/** `legwork leave`: ends this machine's work for its hub, for good. */
export function leaveCommand(): Command {
  const command = new Command('leave')
    .option('--wipe', 'Delete tasks, results and usage from this machine; without it they stay.')
    .option('--json', 'Print the result as JSON.');
  return addConfigOptions(command, ['hubUrl', 'workerId', 'dataFolder', 'allowPlainHttp'])
    .addHelpText(
      'after',
      `
Results that are ready are delivered (with --wipe they are not), other work of the hub goes back to it, the hub revokes
this machine's secret, and the secret is forgotten. A hub that does not answer keeps nobody: the secret is forgotten all
the same; the command then says that the hub's operator should revoke the worker, and ends with 6 (with 7 when the hub
refuses).

Stop the agent first. A secret that the environment or the command line gives cannot be forgotten; the command then
names what is to be taken out.

Examples:
  legwork leave
  legwork leave --wipe --json`,
    )
    .action(async (options: Record<string, unknown>) => {
      const loaded = await loadCommandConfig(options);
      for (const warning of loaded.warnings) printNote(`warning: ${warning}`);
      const configFile = options['config'];
      await leave(loaded, {
        configFile: typeof configFile === 'string' ? configFile : join(loaded.config.dataFolder, 'config.json'),
        wipe: options['wipe'] === true,
        isJson: options['json'] === true,
      });
    });
}

async function leave(
  { config, sources }: LoadedConfig,
  { configFile, wipe, isJson }: { configFile: string; wipe: boolean; isJson: boolean },
): Promise<void> {
  const { dataFolder } = config;
  const { credentials, secrets } = await openAgentWorld(config, (line) => printNote(`warning: ${line}`));
  if (credentials === null) {
    throw new CommandError('configuration', `This machine works for no hub (data folder ${dataFolder}).`);
  }
  if (isAgentRunning(dataFolder)) throw agentRunning(dataFolder);
  prepareDataFolder(dataFolder);
  const report = await leaveOrExplain({ config, credentials, secrets }, wipe);
  const stillSetBy = fixedIdentity(sources).map((key) => sources[key].place);
  try {
    await forgetIdentity(sources, { secrets, configFile });
  } catch (error) {
    printNote(`warning: take hub, worker and secret out of ${configFile} yourself: ${describeError(error)}`);
    stillSetBy.push(configFile);
  }
  const { hubUrl, workerId } = credentials;
  if (isJson) printJson({ hubUrl, workerId, dataFolder, revoked: report.heard, wiped: wipe, stillSetBy });
  else printLine(describeLeft({ hubUrl, workerId, dataFolder, report, wipe }));
  if (stillSetBy.length > 0) {
    printNote(
      `warning: ${stillSetBy.join(', ')} still ${stillSetBy.length === 1 ? 'says' : 'say'} who this machine is to be. ` +
        'Legwork cannot forget what is set there; take it out.',
    );
  }
  if (!report.heard) throw notHeard(report.error, hubUrl, workerId);
}

async function leaveOrExplain(
  {
    config,
    credentials,
    secrets,
  }: Pick<AgentWorld, 'config' | 'secrets'> & { credentials: NonNullable<AgentWorld['credentials']> },
  wipe: boolean,
): Promise<LeaveReport> {
  try {
    const ports = { clock: systemClock, random: Math.random, log: silentLog };
    return await leaveHere({ config, credentials, secrets, wipe, ...ports });
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    // It has started since it was looked for.
    if (error.code === 'locked') throw agentRunning(config.dataFolder);
    const refused = explainStoreFailure(error) as CommandError;
    const advice = 'This machine has not left the hub; with --wipe it leaves, and the database is deleted.';
    throw new CommandError(refused.exit, `${error.message} ${advice}`, { cause: error });
  }
}

function agentRunning(dataFolder: string): CommandError {
  return new CommandError(
    'alreadyRunning',
    `An agent runs on the data folder ${dataFolder}. Stop it first: Ctrl-C where \`legwork agent\` runs, SIGTERM, or the ` +
      'service that started it (systemctl stop …); then run `legwork leave` again. With a window, leave there instead: ' +
      'Settings → Server → Leave.',
  );
}

function describeLeft(left: {
  hubUrl: string;
  workerId: string;
  dataFolder: string;
  report: LeaveReport;
  wipe: boolean;
}): string {
  const hub = left.report.heard
    ? `Left ${left.hubUrl}: it has revoked ${left.workerId} and has its work back.`
    : `Left ${left.hubUrl} without its knowledge; what was stored of ${left.workerId} is forgotten.`;
  const data = left.wipe
    ? `Tasks, results and usage were deleted from ${left.dataFolder}.`
    : `Tasks and results stay in ${left.dataFolder}.`;
  return `${hub} ${data}`;
}

function notHeard(error: unknown, hubUrl: string, workerId: string): CommandError {
  const failure =
    error instanceof HubCallError
      ? hubCallFailure(error, hubUrl)
      : new CommandError('failure', `${describeError(error)}.`, { cause: error });
  const message = failure.message.replace(/\.*$/, '.');
  const advice = `The hub has not revoked this machine's secret: ask its operator to revoke the worker ${workerId}.`;
  return new CommandError(failure.exit, `${message} ${advice}`, { cause: error });
}
