import { app, protocol } from 'electron';
import { configSchema } from '../agent/config/config-schema.ts';
import { APP_SCHEME_REGISTRATION } from './assets/app-protocol.ts';
import { describeError } from '../protocol/describe-error.ts';
import { makeShellFolder } from './make-shell-folder.ts';
import { giveUp, listenForWishes, runDesktop } from './run-desktop.ts';
import { LINK_SCHEME, parseStartArguments, type SecondStart } from './start-arguments.ts';

/**
 * The program of the desktop app. What is done here must be done before Electron is ready; everything else is in
 * `run-desktop.ts`.
 */
function start(): void {
  // Whatever this process and its children write is its owner's alone.
  process.umask(0o077);
  const startArguments = parseStartArguments(process.argv.slice(1), process.cwd());
  const dataFolder = configSchema.shape.dataFolder.parse(
    startArguments.dataFolder ?? (process.env['LEGWORK_DATA_FOLDER'] || undefined),
  );
  const shellFolder = makeShellFolder(dataFolder);
  app.setName('Legwork');
  if (process.platform === 'linux') app.setDesktopName('legwork.desktop');
  app.setAppUserModelId('org.legwork.Legwork');
  app.setPath('userData', shellFolder);
  app.setPath('sessionData', shellFolder);

  const { hidden, link } = startArguments;
  if (!app.requestSingleInstanceLock({ hidden, link } satisfies SecondStart)) {
    app.exit(0);
    return;
  }
  // Root on Linux has no sandbox and must say so with this switch, which enabling it would undo.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox();
  protocol.registerSchemesAsPrivileged([APP_SCHEME_REGISTRATION]);
  if (app.isPackaged) app.setAsDefaultProtocolClient(LINK_SCHEME);
  listenForWishes();
  void app.whenReady().then(() => runDesktop({ dataFolder, shellFolder, startArguments }));
}

try {
  start();
} catch (error) {
  void app.whenReady().then(() => giveUp(describeError(error)));
}
