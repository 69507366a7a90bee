import { dirname, join } from 'node:path';
import { app, Menu, net, session, shell } from 'electron';
import { examineConfig, loadConfig } from '../agent/config/load-config.ts';
import { createMachineReader } from '../agent/limits/readers/create-machine-reader.ts';
import { createLog, logFile, logFolder } from '../agent/log/create-log.ts';
import { RecentLines } from '../agent/log/recent-lines.ts';
import { createRedactor } from '../agent/log/redactor.ts';
import { secretFilePath } from '../agent/secrets/file-secret-store.ts';
import { RestartingAgentKeeper } from '../commands/agent-keeper.ts';
import { createBrowserSource } from '../commands/browser-source.ts';
import { decideSandbox } from '../commands/decide-sandbox.ts';
import { diagnosticChecks } from '../commands/doctor/diagnostic-checks.ts';
import { describeError } from '../protocol/describe-error.ts';
import { systemClock } from '../protocol/ports.ts';
import { createUserInterface } from '../user-interface/create-user-interface.ts';
import { serveApp } from './assets/app-protocol.ts';
import { findAgreedBrowsers } from './find-agreed-browsers.ts';
import { sendEvent, serveCalls } from './ipc/serve-calls.ts';
import { chooseStartAtLogin } from './login/choose-start-at-login.ts';
import { LoginSwitch } from './login/login-switch.ts';
import { logWhatGoesWrong } from './log-what-goes-wrong.ts';
import { listenForPower } from './power/power-events.ts';
import { withPowerMonitor } from './power/power-monitor-reader.ts';
import { QuitFlow } from './quit/quit-flow.ts';
import { ASKED_FOR, listenForQuit } from './quit/listen-for-quit.ts';
import { openSecretStore } from './secrets/open-secret-store.ts';
import { openExternally, tellPerson } from './shell/ask-person.ts';
import { ElectronShell } from './shell/electron-shell.ts';
import { type StartArguments } from './start-arguments.ts';
import { UtilityProcessLauncher } from './task-host/utility-process-launcher.ts';
import { AppTray } from './tray/tray.ts';
import { carryOut } from './tray/carry-out.ts';
import { type PanelWatch, watchForPanel } from './tray/watch-for-panel.ts';
import { chooseUpdater } from './updates/choose-updater.ts';
import { UpdateFlow } from './updates/update-flow.ts';
import { applicationMenu } from './window/application-menu.ts';
import { guardSession } from './window/guard-session.ts';
import { MainWindow } from './window/main-window.ts';

/** Quitting that takes longer than this is shown. */
const SHOW_WAITING_AFTER_MS = 700;

/** What is settled before Electron is ready. */
export interface DesktopStart {
  dataFolder: string;
  /** Electron's own files, within the data folder. */
  shellFolder: string;
  startArguments: StartArguments;
}

/** The running app, as the events of the system see it. */
export interface Desktop {
  /** Starts the agent, and shows the window unless it was started hidden. */
  open(how: StartArguments): Promise<void>;
  showWindow(): void;
  /** Asks the person about a `legwork:` link. */
  followLink(link: string): void;
}

/**
 * Builds the whole app: adapters, then the agent, then what is seen of it. Nothing else makes an object that another part
 * of the app uses.
 */
export async function composeDesktop({ dataFolder, shellFolder, startArguments }: DesktopStart): Promise<Desktop> {
  const programFolder = import.meta.dirname;
  const rendererFolder = join(programFolder, '..', 'renderer');
  const iconFolder = join(programFolder, 'icons');

  const flags = startArguments.dataFolder === null ? {} : { dataFolder };
  const inputs = { flags, environment: process.env };
  const { problems: _problems, ...loaded } = await examineConfig(inputs);

  const redactor = createRedactor();
  const lines = new RecentLines(logFile(dataFolder));
  const log = createLog({
    folder: logFolder(dataFolder),
    level: loaded.config.logLevel,
    redactor,
    console: 'human',
    consoleLevel: 'warn',
    onEntry: (entry) => lines.add(entry),
  });
  const secrets = await openSecretStore(secretFilePath(dataFolder), log);

  const keeper = new RestartingAgentKeeper({
    loaded,
    loadConfig: (file) => loadConfig(file === null ? inputs : { ...inputs, configFile: file }),
    configFile: join(dataFolder, 'config.json'),
    secrets: secrets.store,
    launcher: new UtilityProcessLauncher(join(programFolder, 'task-host.js')),
    createMachineReader: () => withPowerMonitor(createMachineReader(systemClock), process.platform, process.env),
    redactor,
    findBrowsers: findAgreedBrowsers,
    decideSandbox: (config, browsers) => decideSandbox(config, browsers),
    giveUp: () => {
      app.relaunch();
      app.exit(1);
    },
    clock: systemClock,
    random: Math.random,
    log,
  });
  logWhatGoesWrong(log, (error) => void keeper.crashed(error));

  // Electron's own fetch goes through the system's proxy.
  const browsers = createBrowserSource({ dataFolder, keeper, fetch: (url, init) => net.fetch(url, init), log });
  const ended = new AbortController();
  /** null until it is known whether there is one. */
  let panel: PanelWatch | null = null;
  const login = new LoginSwitch(chooseStartAtLogin());
  const quit = new QuitFlow({
    keeper,
    log,
    onRequest: ({ asker }) => {
      if (asker === 'person') setTimeout(showWhatIsWaitedFor, SHOW_WAITING_AFTER_MS);
    },
    onStopped: () => end(),
  });
  const updates = new UpdateFlow({
    updater: chooseUpdater(log),
    clock: systemClock,
    log,
    restart: () => quit.request({ how: 'drain', reason: 'An update is installed.', asker: 'system' }),
    isQuiet: () => window.page === null && runningTasks() === 0,
  });

  const userInterface = createUserInterface({
    keeper,
    shell: new ElectronShell({
      secretStore: secrets.quality,
      login,
      browsers,
      updates,
      window: () => window.window,
      saveFolder: app.getPath('documents'),
      quit: (how) => quit.request({ how, reason: ASKED_FOR, asker: 'person' }),
    }),
    lines,
    doctor: () => diagnosticChecks(keeper.settings.config, keeper.settings.credentials),
    clock: systemClock,
    log,
  });

  const window: MainWindow = new MainWindow({
    preloadFile: join(programFolder, 'preload.cjs'),
    stateFile: join(shellFolder, 'window.json'),
    iconFile: join(iconFolder, 'app', '256x256.png'),
    closesToTray: () => panel?.isPresent ?? true,
    openExternal: (url) => void openExternally(url, window.window),
    onFocus: () => login.look(),
    log,
  });
  const tray = new AppTray({
    iconFolder: join(iconFolder, 'tray'),
    onAction: (action) => void carryOut(action, { userInterface, window, log }),
  });

  function runningTasks(): number {
    return keeper.agent?.snapshot().running.length ?? 0;
  }

  function showWhatIsWaitedFor(): void {
    if (!quit.hasStopped && runningTasks() > 0) void window.show();
  }

  function followLink(link: string): void {
    void window.showAndThen(() => {
      try {
        userInterface.offerEnrolment(link);
      } catch (error) {
        log.warn('a link that was followed is of no use', { problem: describeError(error) });
        tellPerson('This link cannot be used.', describeError(error), window.window);
      }
    });
  }

  function end(): void {
    ended.abort();
    for (const part of [panel, login, userInterface]) part?.close();
    updates.stop();
    tray.close();
    window.end();
    log.close();
    // An update starts the new version before this one is gone.
    app.releaseSingleInstanceLock();
    if (!updates.finish()) app.quit();
  }

  return {
    async open({ hidden, link }) {
      serveApp({ rendererFolder, serveBlob: (path) => userInterface.serveBlob(path) });
      guardSession(session.defaultSession);
      serveCalls({
        ownPage: () => window.page,
        answer: (name, argument) => userInterface.answer(name, argument),
        onPageReady: () => window.pageIsReady(),
        log,
      });
      const menu = applicationMenu(
        {
          navigate: (path) => void window.showAndThen(() => userInterface.navigate(path)),
          saveDiagnostics: () => void userInterface.answer('saveDiagnostics', null),
          openLogFolder: () => void shell.openPath(dirname(logFile(dataFolder))),
          quit: () => quit.request({ how: 'drain', reason: ASKED_FOR, asker: 'person' }),
        },
        { platform: process.platform, isPackaged: app.isPackaged },
      );
      Menu.setApplicationMenu(Menu.buildFromTemplate(menu));
      tray.open();
      tray.draw(userInterface.snapshot());
      userInterface.subscribe((name, data) => {
        if (name === 'snapshot') tray.draw(userInterface.snapshot());
        sendEvent(window.page, name, data);
      });
      listenForQuit(quit);
      listenForPower({
        onSuspend: () => void keeper.rest('The computer is going to sleep.'),
        onResume: () => void keeper.start(),
        onSessionEnd: () => quit.request({ how: 'now', reason: 'The computer is shutting down.', asker: 'system' }),
      });
      void keeper.start();
      updates.start();
      void browsers.watch(ended.signal);
      if (!hidden || link !== null) void window.show();
      panel = await watchForPanel(process.platform, log, (isPresent) => {
        if (isPresent) tray.open();
        else void window.showMinimised();
      });
      if (hidden && !panel.isPresent) void window.showMinimised();
      if (link !== null) followLink(link);
    },
    showWindow: () => void window.show(),
    followLink,
  };
}
