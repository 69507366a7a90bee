import { app } from 'electron';
import type { Log } from '../../protocol/ports.ts';
import { ElectronUpdater, type UpdateFacts, updateObstacle } from './electron-updater-adapter.ts';
import type { Updater } from './update-flow.ts';

/** Put there by the build, from the environment variable of the same name; '' without. */
declare const LEGWORK_UPDATE_PUBLIC_KEY: string;

/** What updates this copy, or in a sentence why nothing does. */
export function chooseUpdater(log: Log): Updater | string {
  const facts: UpdateFacts = {
    isPackaged: app.isPackaged,
    platform: process.platform,
    resourcesFolder: process.resourcesPath,
    environment: process.env,
    scratchFolder: app.getPath('userData'),
    publicKey: LEGWORK_UPDATE_PUBLIC_KEY,
  };
  return updateObstacle(facts) ?? new ElectronUpdater(facts, log);
}
