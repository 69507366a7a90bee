import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from 'electron-builder';
import { setFuses } from './fuses.ts';

/** What the installers are made with, beside what is the same for all. */
export interface PackagingChoices {
  projectFolder: string;
  /** The folder that `stageApp` has put together. */
  appFolder: string;
  /** An unpacked Electron to use, and its version; null: the one of package.json is downloaded. */
  electron: { folder: string; version: string } | null;
  /** From the environment: where updates are found and what signs. */
  environment: NodeJS.ProcessEnv;
}

/** Where updates are looked for. Without an address the app cannot update itself, and says so. */
function publishTo(environment: NodeJS.ProcessEnv): Configuration['publish'] {
  const url = environment['LEGWORK_UPDATE_URL'];
  return url ? [{ provider: 'generic', url, channel: environment['LEGWORK_UPDATE_CHANNEL'] || 'latest' }] : null;
}

function isSigned(platform: string, environment: NodeJS.ProcessEnv): boolean {
  if (platform !== 'darwin') return true;
  return Boolean(environment['CSC_LINK'] || environment['CSC_NAME']);
}

function azureSigning(environment: NodeJS.ProcessEnv): NonNullable<Configuration['win']>['azureSignOptions'] {
  const endpoint = environment['LEGWORK_AZURE_SIGNING_ENDPOINT'];
  if (!endpoint) return null;
  return {
    endpoint,
    publisherName: environment['LEGWORK_PUBLISHER_NAME'] ?? '',
    codeSigningAccountName: environment['LEGWORK_AZURE_SIGNING_ACCOUNT'] ?? '',
    certificateProfileName: environment['LEGWORK_AZURE_SIGNING_PROFILE'] ?? '',
  };
}

/** The configuration of electron-builder for every system. */
export function packageConfiguration({
  projectFolder,
  appFolder,
  electron,
  environment,
}: PackagingChoices): Configuration {
  const packaging = join(projectFolder, 'build', 'packaging');
  const icons = join(projectFolder, 'build', 'icons', 'output');
  return {
    appId: 'org.legwork.Legwork',
    productName: 'Legwork',
    copyright: 'The Legwork authors',
    directories: {
      app: appFolder,
      output: join(projectFolder, 'out', 'package'),
      buildResources: join(projectFolder, 'build', 'icons'),
    },
    ...(electron === null ? {} : { electronDist: electron.folder, electronVersion: electron.version }),
    // The folder already holds the packages that are needed, and no other.
    beforeBuild: () => Promise.resolve(false),
    files: ['**/*', { from: 'node_modules', to: 'node_modules', filter: ['**/*'] }],
    asar: true,
    // A native module is mapped by the system, which cannot look into the archive.
    asarUnpack: ['**/*.node'],
    afterPack: async ({ appOutDir, packager, electronPlatformName }) => {
      // The two halves of an app for both kinds of Mac are joined first; only the whole gets its fuses.
      if (appOutDir.endsWith('-temp')) return;
      // A given Electron brings the page along that it shows without an app.
      rmSync(join(packager.getResourcesDir(appOutDir), 'default_app.asar'), { force: true });
      await setFuses(
        join(appOutDir, programName(electronPlatformName, packager.appInfo.productFilename)),
        isSigned(electronPlatformName, environment),
      );
    },
    forceCodeSigning: environment['LEGWORK_REQUIRE_SIGNING'] === '1',
    protocols: [{ name: 'Legwork enrolment', schemes: ['legwork'], role: 'Viewer' }],
    publish: publishTo(environment),
    artifactName: 'Legwork-${version}-${os}-${arch}.${ext}',
    mac: {
      category: 'public.app-category.developer-tools',
      icon: join(icons, 'app-mac.png'),
      target: [
        { target: 'dmg', arch: 'universal' },
        // What an update is made of.
        { target: 'zip', arch: 'universal' },
      ],
      hardenedRuntime: true,
      gatekeeperAssess: false,
      entitlements: join(packaging, 'entitlements.mac.plist'),
      entitlementsInherit: join(packaging, 'entitlements.mac.inherit.plist'),
      minimumSystemVersion: '12.0',
      // The prebuilt binaries of both kinds are in both halves.
      x64ArchFiles: '**/better-sqlite3/prebuilds/*.node',
    },
    dmg: { title: 'Legwork ${version}' },
    win: {
      icon: join(icons, 'app', '1024x1024.png'),
      target: [{ target: 'nsis', arch: ['x64', 'arm64'] }],
      verifyUpdateCodeSignature: true,
      azureSignOptions: azureSigning(environment),
    },
    nsis: {
      // For this user alone: no administrator is asked, neither now nor at an update.
      oneClick: true,
      perMachine: false,
      deleteAppDataOnUninstall: false,
      buildUniversalInstaller: false,
    },
    linux: {
      target: [{ target: 'AppImage' }, { target: 'deb' }],
      executableName: 'legwork',
      icon: join(icons, 'app'),
      category: 'Development',
      maintainer: environment['LEGWORK_MAINTAINER'] || 'The Legwork authors <nobody@legwork.invalid>',
      synopsis: "Does a server's browser legwork on this machine",
      executableArgs: [],
      desktop: { entry: { StartupWMClass: 'Legwork', StartupNotify: 'true' } },
    },
    deb: {
      packageCategory: 'utils',
      // A browser for the tasks is downloaded by the app where there is none.
      recommends: ['libappindicator3-1 | libayatana-appindicator3-1', 'chromium | google-chrome-stable'],
    },
  };
}

/** The program that holds the fuses, from the folder of the unpacked app. */
export function programName(platform: string, productFilename = 'Legwork'): string {
  if (platform === 'darwin' || platform === 'mas') return `${productFilename}.app`;
  return platform === 'win32' ? `${productFilename}.exe` : 'legwork';
}
