import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Arch, build, Platform } from 'electron-builder';
import { packageConfiguration } from './packaging/configuration.ts';
import { stageApp } from './packaging/stage-app.ts';

/**
 * Packages the built app for this system: installers, or with `--dir` the unpacked app alone. Where
 * `ELECTRON_OVERRIDE_DIST_PATH` gives an unpacked Electron that one is used, and only the unpacked app is made, since a
 * given runtime is for trying out and not for handing on.
 */
const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const appFolder = join(projectFolder, 'out', 'app');

const { values: options } = parseArgs({
  options: { dir: { type: 'boolean', default: false }, publish: { type: 'boolean', default: false } },
});

function givenElectron(): { folder: string; version: string } | null {
  const folder = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  if (!folder) return null;
  const versionFile = join(folder, 'version');
  if (!existsSync(versionFile)) throw new Error(`ELECTRON_OVERRIDE_DIST_PATH is set, but there is no ${versionFile}.`);
  return { folder, version: readFileSync(versionFile, 'utf8').trim().replace(/^v/, '') };
}

function megabytes(bytes: number): string {
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}

/** A CI system sets what it has no secret for to nothing, which is not the same as not setting it. */
function forgetEmptyVariables(): void {
  for (const [name, value] of Object.entries(process.env)) if (value === '') delete process.env[name];
}

/** An app that looks for updates and can check none would say so to its host each time. */
function demandKeyOfUpdates(): void {
  if (process.env['LEGWORK_UPDATE_URL'] === undefined || process.env['LEGWORK_UPDATE_PUBLIC_KEY'] !== undefined) return;
  throw new Error('LEGWORK_UPDATE_URL is set, but not LEGWORK_UPDATE_PUBLIC_KEY, which updates are checked with.');
}

forgetEmptyVariables();
demandKeyOfUpdates();
const electron = givenElectron();
const onlyUnpacked = options.dir || electron !== null;
const isMac = process.platform === 'darwin';
const staged = stageApp(projectFolder, appFolder, {
  platform: process.platform,
  architectures:
    isMac && !onlyUnpacked ? ['x64', 'arm64'] : process.platform === 'win32' ? ['x64', 'arm64'] : [process.arch],
  ownBuild: electron !== null,
});
console.log(
  `app: ${megabytes(staged.ownBytes)} of its own, ${megabytes(staged.moduleBytes)} of ${staged.modules.length} packages`,
);
await build({
  projectDir: projectFolder,
  targets: onlyUnpacked
    ? Platform.current().createTarget('dir', process.arch === 'arm64' ? Arch.arm64 : Arch.x64)
    : Platform.current().createTarget(),
  config: packageConfiguration({ projectFolder, appFolder, electron, environment: process.env }),
  publish: options.publish ? 'always' : 'never',
});
