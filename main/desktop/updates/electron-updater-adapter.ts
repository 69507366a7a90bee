import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { IncomingMessage, RequestOptions } from 'node:http';
import type { AppUpdater, UpdateInfo } from 'electron-updater';
import type { Log } from '../../protocol/ports.ts';
import { boundRequests, type RequestSender, UPDATE_BOUNDS } from './bound-requests.ts';
import type { AvailableUpdate, Updater } from './update-flow.ts';
import { verifyUpdate } from './verify-update.ts';

/** What is known of this copy of the program. */
export interface UpdateFacts {
  isPackaged: boolean;
  platform: NodeJS.Platform;
  resourcesFolder: string;
  environment: Readonly<Record<string, string | undefined>>;
  /** For what a development copy needs to be told of its server. */
  scratchFolder: string;
  /** Base64 of the SPKI form of the key that updates are signed with; '' when the copy was built without. */
  publicKey: string;
}

/** Why this copy does not update itself, in a sentence; null when it does. */
export function updateObstacle(facts: UpdateFacts): string | null {
  if (!facts.isPackaged) {
    return developmentFeed(facts) === null ? 'This copy runs from its sources, which are updated with git.' : null;
  }
  if (facts.publicKey === '') return 'This copy was built without the key that updates are checked with.';
  if (facts.platform === 'linux' && (facts.environment['APPIMAGE'] ?? '') === '') {
    return 'This copy was installed as a package or a folder, and is updated the way it was installed.';
  }
  if (!existsSync(join(facts.resourcesFolder, 'app-update.yml'))) return 'This copy knows no server for updates.';
  return null;
}

/** A copy that runs from its sources can be given a feed, to try the way of an update. A packaged one cannot. */
function developmentFeed({ isPackaged, environment }: UpdateFacts): { url: string; publicKey: string } | null {
  const url = environment['LEGWORK_UPDATE_FEED'] ?? '';
  const publicKey = environment['LEGWORK_UPDATE_PUBLIC_KEY'] ?? '';
  return isPackaged || url === '' ? null : { url, publicKey };
}

/** Updates with electron-updater, each signed with our own key on top of what the system demands. */
export class ElectronUpdater implements Updater {
  readonly #facts: UpdateFacts;
  readonly #log: Log;
  #library: Promise<AppUpdater> | null = null;

  constructor(facts: UpdateFacts, log: Log) {
    this.#facts = facts;
    this.#log = log;
  }

  async check(): Promise<AvailableUpdate | null> {
    const library = await this.#open();
    const found = await library.checkForUpdates();
    if (found === null || !found.isUpdateAvailable) return null;
    return { version: found.updateInfo.version, notes: notesOf(found.updateInfo) };
  }

  async download(onPercent: (percent: number) => void): Promise<void> {
    const library = await this.#open();
    const onProgress = ({ percent }: { percent: number }): void => onPercent(Math.round(percent));
    library.on('download-progress', onProgress);
    try {
      await library.downloadUpdate();
    } finally {
      library.off('download-progress', onProgress);
    }
  }

  install({ startAgain }: { startAgain: boolean }): void {
    void this.#open().then((library) => library.quitAndInstall(true, startAgain));
  }

  /** Loaded at the first use, since most starts never need it. */
  #open(): Promise<AppUpdater> {
    this.#library ??= this.#load();
    return this.#library;
  }

  async #load(): Promise<AppUpdater> {
    const { default: module } = await import('electron-updater');
    const library = module.autoUpdater;
    const development = developmentFeed(this.#facts);
    if (development !== null) {
      const file = join(this.#facts.scratchFolder, 'update-feed.yml');
      const lines = ['provider: generic', `url: ${JSON.stringify(development.url)}`, 'updaterCacheDirName: legwork'];
      await writeFile(file, lines.join('\n'));
      library.forceDevUpdateConfig = true;
      library.updateConfigPath = file;
    }
    // Its requests go through Electron's own network, which knows no time-outs; this is where it makes them.
    boundRequests(
      (library as unknown as { httpExecutor: RequestSender<RequestOptions, IncomingMessage> }).httpExecutor,
      UPDATE_BOUNDS,
    );
    const publicKey = development?.publicKey ?? this.#facts.publicKey;
    library.autoDownload = false;
    library.autoInstallOnAppQuit = false;
    library.allowDowngrade = false;
    library.disableWebInstaller = true;
    // Asked before a version is offered; what it throws ends the check.
    library.isUpdateSupported = (information) => {
      verifyUpdate(information, publicKey);
      return true;
    };
    library.logger = {
      info: (message: unknown) => this.#log.debug('update', { message: String(message) }),
      warn: (message: unknown) => this.#log.warn('update', { message: String(message) }),
      error: (message: unknown) => this.#log.warn('update', { message: String(message) }),
      debug: (message: unknown) => this.#log.debug('update', { message: String(message) }),
    };
    // What fails is told by the calls themselves; without a listener an event of this name would be thrown.
    library.on('error', () => undefined);
    return library;
  }
}

function notesOf({ releaseNotes }: UpdateInfo): string | null {
  if (typeof releaseNotes === 'string') return releaseNotes;
  return releaseNotes?.map(({ version, note }) => `${version}: ${note ?? ''}`).join('\n') ?? null;
}
