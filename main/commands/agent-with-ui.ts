import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { ChildProcessTaskHostLauncher } from '../agent/executor/child-process-task-host.ts';
import { createMachineReader } from '../agent/limits/readers/create-machine-reader.ts';
import { createLog, logFile, logFolder } from '../agent/log/create-log.ts';
import { RecentLines } from '../agent/log/recent-lines.ts';
import { createRedactor, type Redactor } from '../agent/log/redactor.ts';
import { FileSecretStore, secretFilePath } from '../agent/secrets/file-secret-store.ts';
import { type Log, systemClock } from '../protocol/ports.ts';
import { createUserInterface } from '../user-interface/create-user-interface.ts';
import type { AgentKeeper } from '../user-interface/keeper-port.ts';
import { Downloads } from '../user-interface/web/downloads.ts';
import { type RunningWeb, serveWeb } from '../user-interface/web/serve-web.ts';
import { createWebShell } from '../user-interface/web/web-shell.ts';
import { createAgentEventPrinter } from './agent-event-printer.ts';
import { RestartingAgentKeeper } from './agent-keeper.ts';
import { findBrowsers, programPath } from './agent-world.ts';
import { createBrowserSource } from './browser-source.ts';
import { CommandError } from './command-error.ts';
import { prepareDataFolder } from './data-folder.ts';
import { decideSandbox } from './decide-sandbox.ts';
import { diagnosticChecks } from './doctor/diagnostic-checks.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';
import { listenForStop } from './stop-signals.ts';

export interface AgentWithUiOptions {
  loaded: LoadedConfig;
  /** Reads the configuration anew; from another file when a path is given. */
  loadConfig: (file: string | null) => Promise<LoadedConfig>;
  /** The file of `--config`; null for the one in the data folder. */
  configFile: string | null;
  port: number;
  isJson: boolean;
}

/**
 * Runs an agent with its user interface on loopback until it is told to stop. It stays when its hub refuses it or it
 * cannot start: the page then says why, and a person can put it right there.
 * @throws CommandError when the page is not built or the port is taken
 */
export async function runAgentWithUi(options: AgentWithUiOptions): Promise<ExitName> {
  const { loaded, isJson } = options;
  const { dataFolder } = loaded.config;
  const rendererFolder = requireRenderer();
  prepareDataFolder(dataFolder);
  const redactor = createRedactor();
  const lines = new RecentLines(logFile(dataFolder));
  const log = createLog({
    folder: logFolder(dataFolder),
    level: loaded.config.logLevel,
    redactor,
    console: isJson ? 'json' : 'human',
    consoleLevel: isJson ? undefined : 'warn',
    onEntry: (entry) => lines.add(entry),
  });
  for (const warning of loaded.warnings) log.warn(warning);
  let web: RunningWeb | null = null;
  const keeper = new RestartingAgentKeeper({
    loaded,
    loadConfig: options.loadConfig,
    configFile: options.configFile ?? join(dataFolder, 'config.json'),
    secrets: new FileSecretStore(secretFilePath(dataFolder), (message) => log.warn(message)),
    launcher: new ChildProcessTaskHostLauncher(programPath()),
    createMachineReader: () => createMachineReader(systemClock),
    redactor,
    findBrowsers,
    decideSandbox: (config, browsers) => decideSandbox(config, browsers),
    ownPorts: () => (web === null ? [] : [web.port]),
    giveUp: () => process.exit(EXIT_CODES.failure.code),
    clock: systemClock,
    random: Math.random,
    log,
  });
  const stopping = new Stopping();
  const downloads = new Downloads(join(dataFolder, 'downloads'));
  const browsers = createBrowserSource({ dataFolder, keeper, fetch, log });
  const ended = new AbortController();
  const userInterface = createUserInterface({
    keeper,
    shell: createWebShell({ downloads, browsers, quit: (how) => stopping.request(how, 'You have asked for it.') }),
    lines,
    doctor: () => diagnosticChecks(keeper.settings.config, keeper.settings.credentials),
    clock: systemClock,
    log,
  });
  try {
    web = await serveWeb({ userInterface, downloads, rendererFolder, port: options.port, log }).catch(portFailure);
    announce(web.url, isJson);
    printEvents(keeper, redactor, isJson);
    // The page can only say that the agent has failed as long as this process lives.
    const onFailure = (error: unknown): void => void keeper.crashed(error);
    process.on('uncaughtException', onFailure);
    process.on('unhandledRejection', onFailure);
    const stopped = stopping.carryOut(keeper, log);
    void keeper.start();
    void browsers.watch(ended.signal);
    return await stopped;
  } finally {
    ended.abort();
    userInterface.close();
    await web?.close();
    log.close();
  }
}

/** The built page: beside the built program, or in `dist` of the sources. @throws CommandError when there is none */
function requireRenderer(): string {
  const program = programPath();
  const folder = join(dirname(program), program.endsWith('.ts') ? '../dist/renderer' : 'renderer');
  if (existsSync(join(folder, 'index.html'))) return folder;
  throw new CommandError('failure', `The page of the user interface is not built. Build it with: npm run build`);
}

function portFailure(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
  throw new CommandError('alreadyRunning', 'The port of the user interface is taken. Choose another with --ui-port.', {
    cause: error,
  });
}

/** The only place where the address is shown: whoever has it can do everything. */
function announce(url: string, isJson: boolean): void {
  if (isJson) printJson({ time: new Date().toISOString(), event: 'ui', url });
  else printLine(`Open this address in a browser of this machine, and keep it to yourself:\n  ${url}`);
}

/** Tells of each agent in turn what `legwork agent` tells of its only one. */
function printEvents(keeper: AgentKeeper, redactor: Redactor, isJson: boolean): void {
  const printer = createAgentEventPrinter({ isJson, redactor, print: printLine });
  let known: AgentKeeper['agent'] = null;
  let shownFailure = '';
  keeper.subscribe((event) => {
    const { agent, failure } = keeper;
    if (event.kind !== 'keeper') {
      if (agent !== null && agent.activity !== 'stopped') printer.event(event, agent);
      return;
    }
    if (agent !== null && agent !== known) printer.started(agent.snapshot(), [...keeper.settings.browsers]);
    known = agent;
    if (failure !== null && failure.sentence !== shownFailure) {
      if (isJson) printJson({ time: new Date().toISOString(), event: 'failed', ...failure });
      else printLine(`attention  ${failure.sentence}`);
    }
    shownFailure = failure?.sentence ?? '';
  });
}

/** Stops once when it is asked to, by a signal or in the window; at once when asked a second time. */
class Stopping {
  #onRequest: ((how: 'drain' | 'now', reason: string) => void) | null = null;
  #requested: { how: 'drain' | 'now'; reason: string } | null = null;

  request(how: 'drain' | 'now', reason: string): void {
    this.#requested = { how, reason };
    this.#onRequest?.(how, reason);
  }

  /** Waits until it is asked to stop, and stops. */
  carryOut(keeper: AgentKeeper, log: Log): Promise<ExitName> {
    return new Promise((resolve, reject) => {
      let exit: ExitName = 'ok';
      let ending: Promise<void> | null = null;
      const end = (how: 'drain' | 'now', reason: string): void => {
        log.info('asked to stop', { reason, how });
        const stopped = keeper.stop(how, reason);
        ending ??= stopped.then(() => {
          stopListening();
          resolve(exit);
          return undefined;
        }, reject);
      };
      const stopListening = listenForStop({
        onStop: (reason) => end('drain', `It was asked to stop (${reason}).`),
        onStopAtOnce: () => {
          exit = 'interrupted';
          end('now', 'It was asked to stop at once.');
        },
      });
      this.#onRequest = end;
      if (this.#requested !== null) end(this.#requested.how, this.#requested.reason);
    });
  }
}
