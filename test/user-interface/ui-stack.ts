import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AgentConfigKey } from '../../main/agent/config/config-schema.ts';
import { loadConfig } from '../../main/agent/config/load-config.ts';
import { ChildProcessTaskHostLauncher } from '../../main/agent/executor/child-process-task-host.ts';
import { NO_MACHINE_READER } from '../../main/agent/limits/machine-readings.ts';
import { createLog, logFile, logFolder } from '../../main/agent/log/create-log.ts';
import { RecentLines } from '../../main/agent/log/recent-lines.ts';
import { createRedactor } from '../../main/agent/log/redactor.ts';
import { FileSecretStore, secretFilePath } from '../../main/agent/secrets/file-secret-store.ts';
import { RestartingAgentKeeper } from '../../main/commands/agent-keeper.ts';
import { CommandError } from '../../main/commands/command-error.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import { createUserInterface, type UserInterface } from '../../main/user-interface/create-user-interface.ts';
import { Downloads } from '../../main/user-interface/web/downloads.ts';
import { type RunningWeb, serveWeb } from '../../main/user-interface/web/serve-web.ts';
import type { BrowserSource } from '../../main/user-interface/browser-source.ts';
import { UserInterfaceError } from '../../main/user-interface/user-interface-error.ts';
import { createWebShell } from '../../main/user-interface/web/web-shell.ts';
import type { CallAnswer, CallArgument, CallName, UiSnapshot } from '../../preload/contract.ts';

/** Nothing is downloaded in these tests. */
const NO_BROWSERS: BrowserSource = {
  state: () => null,
  newerVersion: () => null,
  download: () => Promise.reject(new UserInterfaceError('browser_download_network', 'There is no network here.')),
  cancel: () => undefined,
  subscribe: () => () => undefined,
};

const TASK_HOST = fileURLToPath(new URL('../fixtures/page-task-host.mjs', import.meta.url));

/** What a test changes of the world around the keeper. */
export interface World {
  /** Settings as a command line would give them. */
  flags?: Partial<Record<AgentConfigKey, string | boolean>>;
  environment?: Record<string, string>;
  browsers?: 'found' | 'none';
  hasSandbox?: boolean;
  /** Where the data is; a folder of its own by default. */
  dataFolder?: string;
}

/** A real agent on a real store, its keeper, and the user interface on it; only the browser is made up. */
export class UiStack {
  readonly folder: string;
  readonly world: World;
  readonly redactor = createRedactor();
  readonly quits: string[] = [];
  lines!: RecentLines;
  keeper!: RestartingAgentKeeper;
  ui!: UserInterface;
  web: RunningWeb | null = null;
  #downloads!: Downloads;
  #log!: ReturnType<typeof createLog>;

  constructor(world: World = {}) {
    this.world = world;
    this.folder = world.dataFolder ?? mkdtempSync(join(tmpdir(), 'legwork-ui-'));
  }

  /** Starts it; the agent too, unless told otherwise. */
  async start(options: { agent?: boolean } = {}): Promise<this> {
    const { world, folder } = this;
    const configFile = join(folder, 'config.json');
    const read = (file: string | null) =>
      loadConfig({
        flags: { dataFolder: folder, ...world.flags },
        environment: world.environment ?? {},
        ...(file === null ? {} : { configFile: file }),
      });
    this.lines = new RecentLines(logFile(folder));
    this.#log = createLog({
      folder: logFolder(folder),
      console: 'none',
      level: 'debug',
      redactor: this.redactor,
      onEntry: (entry) => this.lines.add(entry),
    });
    this.keeper = new RestartingAgentKeeper({
      loaded: await read(null),
      loadConfig: read,
      configFile,
      secrets: new FileSecretStore(secretFilePath(folder)),
      launcher: new ChildProcessTaskHostLauncher(TASK_HOST),
      createMachineReader: () => NO_MACHINE_READER,
      redactor: this.redactor,
      findBrowsers: () =>
        Promise.resolve(world.browsers === 'none' ? [] : [{ kind: 'chromium', version: '1.2.3.4', path: '/made/up' }]),
      decideSandbox: ({ allowNoSandbox }) => {
        if (world.hasSandbox !== false) return Promise.resolve({ sandbox: true });
        if (allowNoSandbox) return Promise.resolve({ sandbox: false });
        return Promise.reject(new CommandError('noSandbox', 'Chromium has no sandbox here.'));
      },
      giveUp: (error) => {
        throw error;
      },
      clock: systemClock,
      random: () => 0,
      log: this.#log,
    });
    this.#downloads = new Downloads(join(folder, 'downloads'));
    this.ui = createUserInterface({
      keeper: this.keeper,
      shell: createWebShell({ downloads: this.#downloads, browsers: NO_BROWSERS, quit: (how) => this.quits.push(how) }),
      lines: this.lines,
      doctor: () => Promise.resolve([{ name: 'made up', status: 'ok' }]),
      clock: systemClock,
      log: this.#log,
    });
    if (options.agent !== false) await this.keeper.start();
    return this;
  }

  /** Serves it to browsers, with a page of one line. */
  async serve(): Promise<RunningWeb> {
    const rendererFolder = join(this.folder, 'page');
    mkdirSync(rendererFolder, { recursive: true });
    writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>Legwork</title>');
    writeFileSync(join(this.folder, 'outside.html'), 'outside');
    const options = { userInterface: this.ui, downloads: this.#downloads, rendererFolder, port: 0, log: this.#log };
    this.web = await serveWeb(options);
    return this.web;
  }

  /** A call that must succeed. */
  async call<Name extends CallName>(name: Name, argument: CallArgument<Name>): Promise<CallAnswer<Name>> {
    const outcome = await this.ui.answer(name, argument);
    if ('failure' in outcome) throw new Error(`${name}: ${outcome.failure.code}: ${outcome.failure.message}`);
    return outcome.answer as CallAnswer<Name>;
  }

  /** The failure of a call that must not succeed. */
  async failure(name: CallName, argument: unknown): Promise<{ code: string; message: string }> {
    const outcome = await this.ui.answer(name, argument);
    if (!('failure' in outcome)) throw new Error(`${name} succeeded: ${JSON.stringify(outcome)}`);
    return outcome.failure;
  }

  /** Waits for a snapshot of which something holds. */
  until(holds: (snapshot: UiSnapshot) => boolean): Promise<UiSnapshot> {
    return new Promise((resolve) => {
      const look = (snapshot: UiSnapshot): void => {
        if (!holds(snapshot)) return;
        end();
        resolve(snapshot);
      };
      const end = this.ui.subscribe((name, data) => {
        if (name === 'snapshot') look(data as UiSnapshot);
      });
      look(this.ui.snapshot());
    });
  }

  /** Enqueues a page and waits until it has ended. */
  async done(path: string, type = 'website_html'): Promise<string> {
    const { taskId } = await this.call('enqueue', { type, payload: { url: `https://site.example${path}` } });
    await this.until(({ recent }) => recent.some((task) => task.taskId === taskId));
    return taskId;
  }

  async close(): Promise<void> {
    await this.web?.close();
    await this.keeper.stop('now', 'the test is over');
    this.ui.close();
    await this.#downloads.close();
    this.#log.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}
