import { join } from 'node:path';
import { app, Tray, nativeImage } from 'electron';
import { loadConfig } from '../agent/config/load-config.ts';
import { openPayloadVault } from '../agent/secrets/payload-key.ts';
import { NodeHttpTransport } from '../agent/server/http-transport.ts';
import { createMachineReader } from '../agent/limits/readers/create-machine-reader.ts';
import { startAgent } from '../agent/start-agent.ts';
import { sweepProfiles } from '../browser/sweep-profiles.ts';
import { agentCatalogue } from '../commands/agent-catalogue.ts';
import { createAgentLog, findBrowsers, openAgentWorld } from '../commands/agent-world.ts';
import { systemClock } from '../protocol/ports.ts';
import { serveApp } from './assets/app-protocol.ts';
import { serveCalls } from './ipc/serve-calls.ts';
import type { StartArguments } from './start-arguments.ts';
import { UtilityProcessLauncher } from './task-host/utility-process-launcher.ts';
import { MainWindow } from './window/main-window.ts';

export async function runDesktop({
  dataFolder,
  shellFolder,
  startArguments,
}: {
  dataFolder: string;
  shellFolder: string;
  startArguments: StartArguments;
}): Promise<void> {
  const { config } = await loadConfig({ environment: { ...process.env, LEGWORK_DATA_FOLDER: dataFolder } });
  const world = await openAgentWorld(config, () => undefined);
  const log = createAgentLog(world, { console: 'human', consoleLevel: 'debug' });
  const agent = await startAgent({
    config,
    credentials: world.credentials,
    saveSecret: async () => undefined,
    connect: (origin) => new NodeHttpTransport(origin),
    catalogue: agentCatalogue(config),
    launcher: new UtilityProcessLauncher(join(import.meta.dirname, 'task-host.js')),
    browsers: await findBrowsers(config),
    sweepProfiles,
    sandbox: false,
    machine: createMachineReader(systemClock),
    vault: await openPayloadVault(world.secrets),
    clock: systemClock,
    random: Math.random,
    log,
  });
  serveApp({ rendererFolder: join(import.meta.dirname, '..', 'renderer'), serveBlob: async () => null });
  const window = new MainWindow({
    preloadFile: join(import.meta.dirname, 'preload.cjs'),
    stateFile: join(shellFolder, 'window.json'),
    iconFile: '',
    closesToTray: () => true,
    openExternal: () => undefined,
    log,
  });
  serveCalls({
    ownPage: () => window.page,
    answer: async (name) => ({ answer: name === 'snapshot' ? agent.snapshot() : null }),
    log,
  });
  const tray = new Tray(nativeImage.createEmpty());
  tray.on('click', () => void window.show());
  app.on('second-instance', () => void window.show());
  if (!startArguments.hidden) await window.show();
}
