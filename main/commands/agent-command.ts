import { Command, InvalidArgumentError } from 'commander';
import type { Agent } from '../agent/agent.ts';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { formatConfig, describeConfig } from '../agent/config/print-config.ts';
import { ChildProcessTaskHostLauncher } from '../agent/executor/child-process-task-host.ts';
import { createMachineReader } from '../agent/limits/readers/create-machine-reader.ts';
import type { ClosableLog } from '../agent/log/create-log.ts';
import { storeRotatedCredentials } from '../agent/secrets/credentials.ts';
import { openPayloadVault } from '../agent/secrets/payload-key.ts';
import { startAgent } from '../agent/start-agent.ts';
import { NodeHttpTransport } from '../agent/server/http-transport.ts';
import type { LinkState } from '../agent/server/hub-link.ts';
import { sweepProfiles } from '../browser/sweep-profiles.ts';
import type { PayloadVault } from '../protocol/payload-vault.ts';
import { systemClock } from '../protocol/ports.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { agentCatalogue } from './agent-catalogue.ts';
import { type AgentEventPrinter, createAgentEventPrinter } from './agent-event-printer.ts';
import { type AgentWorld, createAgentLog, findBrowsers, openAgentWorld, programPath } from './agent-world.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { prepareDataFolder } from './data-folder.ts';
import { decideSandbox } from './decide-sandbox.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';
import { explainStoreFailure } from './local-store.ts';
import { printJson, printLine } from './output.ts';
import { listenForStop } from './stop-signals.ts';

/** `legwork agent`: runs until it is told to stop, or the hub says that it must. */
export function agentCommand(): Command {
  const command = new Command('agent')
    .option('--print-config', 'Print the configuration, with where each value comes from, and end.')
    .option('--json', 'Print events as JSON, one a line, and the log as JSON as well.')
    .option('--ui', 'Serve the user interface to browsers of this machine, and print its address.')
    .option('--ui-port <number>', 'Port of the user interface; any that is free by default.', parsePort);
  return addConfigOptions(command)
    .addHelpText(
      'after',
      `
Flags win over the environment (the name in brackets), the environment over the file. The secret has no flag, since
every user of a machine sees the arguments of its programs: use \`legwork enrol\`, LOCALBROWSER_SECRET, or the file.

SIGTERM or Ctrl-C once lets running tasks finish, within the drain limit; a second one stops at once.

Examples:
  legwork agent
  legwork agent --hub https://hub.example.org --max-concurrent-tasks 4
  legwork agent --ui
  legwork agent --print-config --json`,
    )
    .action(async (options: Record<string, unknown>) => {
      const isJson = options['json'] === true;
      const loaded = await loadCommandConfig(options);
      if (options['printConfig'] === true) {
        if (isJson) printJson({ settings: describeConfig(loaded), warnings: loaded.warnings });
        else printLine([formatConfig(loaded), ...loaded.warnings.map((line) => `warning: ${line}`)].join('\n'));
        return;
      }
      const exit = options['ui'] === true ? await runWithUi(options, loaded) : await runAgent(loaded, isJson);
      process.exitCode = EXIT_CODES[exit].code;
    });
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535) throw new InvalidArgumentError('It must be a number from 0 to 65535.');
  return port;
}

async function runWithUi(options: Record<string, unknown>, loaded: LoadedConfig): Promise<ExitName> {
  // Only who wants the user interface loads it.
  const { runAgentWithUi } = await import('./agent-with-ui.ts');
  const configFile = typeof options['config'] === 'string' ? options['config'] : null;
  return runAgentWithUi({
    loaded,
    loadConfig: (file) => loadCommandConfig(file === null ? options : { ...options, config: file }),
    configFile,
    port: typeof options['uiPort'] === 'number' ? options['uiPort'] : 0,
    isJson: options['json'] === true,
  });
}

async function runAgent({ config, warnings }: LoadedConfig, isJson: boolean): Promise<ExitName> {
  prepareDataFolder(config.dataFolder);
  const earlyWarnings = [...warnings];
  const world = await openAgentWorld(config, (message) => earlyWarnings.push(message));
  requireCompleteCredentials(world);
  const log = createAgentLog(world, { console: isJson ? 'json' : 'human', consoleLevel: isJson ? undefined : 'warn' });
  try {
    for (const warning of earlyWarnings) log.warn(warning);
    const browsers = await findBrowsers(config);
    const decision = await decideSandbox(config, browsers);
    const vault = await openPayloadVault(world.secrets);
    const agent = await startAgent(agentOptions(world, vault, browsers, decision.sandbox, log));
    if (!decision.sandbox) log.warn('Chromium runs without its own sandbox, as allowed', { why: decision.obstacle });
    const printer = createAgentEventPrinter({ isJson, redactor: world.redactor, print: printLine });
    printer.started(agent.snapshot(), browsers);
    return await runUntilStopped(agent, printer, log);
  } catch (error) {
    throw explainStoreFailure(error);
  } finally {
    log.close();
  }
}

/** Half of a worker's identity is a mistake that would otherwise show as an agent that never gets work. */
function requireCompleteCredentials({ config, credentials }: AgentWorld): void {
  if (credentials !== null) return;
  const missing = [
    config.hubUrl === null ? 'the hub (--hub or LARAVEL_INTERNAL_URL)' : null,
    config.workerId === null ? 'the worker (--worker-id or WORKER_ID)' : null,
    config.secret === null ? 'the secret (LOCALBROWSER_SECRET, or `legwork enrol`)' : null,
  ].filter((part) => part !== null);
  if (missing.length === 3) return;
  throw new CommandError('configuration', `To work for a hub, the agent lacks ${missing.join(' and ')}.`);
}

function agentOptions(
  { config, credentials, secrets, redactor }: AgentWorld,
  vault: PayloadVault,
  browsers: BrowserInformation[],
  sandbox: boolean,
  log: ClosableLog,
): Parameters<typeof startAgent>[0] {
  return {
    config,
    credentials,
    saveSecret: async (rotated) => {
      redactor.addSecret(rotated.secret);
      await storeRotatedCredentials(rotated, config.secret, secrets);
    },
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: agentCatalogue(config),
    launcher: new ChildProcessTaskHostLauncher(programPath()),
    browsers,
    sweepProfiles,
    sandbox,
    machine: createMachineReader(systemClock),
    vault,
    clock: systemClock,
    random: Math.random,
    log,
  };
}

/** How the agent ends when the hub has said, provably, that it must; null while it may go on. */
function exitOfLink(link: LinkState): ExitName | null {
  if (link.state === 'superseded') return 'superseded';
  if (link.state === 'revoked' || link.state === 'too_old') return 'hubRefused';
  return null;
}

function runUntilStopped(agent: Agent, printer: AgentEventPrinter, log: ClosableLog): Promise<ExitName> {
  return new Promise((resolve, reject) => {
    let exit: ExitName = 'ok';
    let ending: Promise<void> | null = null;

    const end = (how: 'drain' | 'now'): void => {
      const stopped = agent.stop(how);
      ending ??= stopped.then(() => {
        stopListening();
        resolve(exit);
        return undefined;
      }, reject);
    };
    const stopListening = listenForStop({
      onStop: (reason) => {
        log.info('asked to stop', { reason });
        printer.stopping('drain', agent.snapshot());
        end('drain');
      },
      onStopAtOnce: () => {
        exit = 'interrupted';
        printer.stopping('now', agent.snapshot());
        end('now');
      },
    });
    agent.subscribe((event) => {
      printer.event(event, agent);
      if (event.kind === 'changed' && agent.activity === 'stopped') end('drain');
      if (event.kind !== 'link') return;
      const mustEnd = exitOfLink(event.link);
      if (mustEnd === null || ending !== null) return;
      exit = mustEnd;
      // What runs is no longer this agent's to do, unless the hub only wants a newer one.
      end(mustEnd === 'superseded' || event.link.state === 'revoked' ? 'now' : 'drain');
    });
  });
}
