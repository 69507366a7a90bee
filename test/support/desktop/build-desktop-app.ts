import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));
/** Beside the project's `node_modules`, so that packages are found as in development. A folder for each state of the sources. */
const buildsFolder = join(projectFolder, 'out', 'test-app');
const lockFolder = `${buildsFolder}.lock`;
/** Since it was last asked for; nobody runs its tests any more then. */
const OLD_BUILD_MS = 3_600_000;
const SOURCE_FOLDERS = ['main', 'preload', 'renderer', 'build'];
const STALE_LOCK_MS = 120_000;

/**
 * Builds the desktop app from the sources as they are, unless that has been done, and tells where: the folder that
 * Electron is started with. Test files at the same time wait for one another.
 * @throws Error with what Vite says when it cannot be built
 */
export async function buildDesktopApp(): Promise<string> {
  mkdirSync(buildsFolder, { recursive: true });
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  // However long it takes on a busy machine: whoever waits must not take this for a lock that was left.
  const keepingLock = setInterval(() => touch(lockFolder), STALE_LOCK_MS / 10);
  try {
    const appFolder = join(buildsFolder, fingerprint());
    if (existsSync(appFolder)) touch(appFolder);
    removeOldBuilds();
    if (existsSync(join(appFolder, 'package.json'))) return appFolder;
    await build('build/vite.desktop.config.ts', join(appFolder, 'dist', 'desktop'));
    await build('build/vite.renderer.config.ts', join(appFolder, 'dist', 'renderer'));
    const { name, version, type, main } = JSON.parse(
      readFileSync(join(projectFolder, 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    // Last, since it says that the rest is there.
    writeFileSync(join(appFolder, 'package.json'), JSON.stringify({ name, version, type, main }));
    return appFolder;
  } finally {
    clearInterval(keepingLock);
    rmdirSync(lockFolder);
  }
}

async function build(configuration: string, output: string): Promise<void> {
  const vite = join(projectFolder, 'node_modules', 'vite', 'bin', 'vite.js');
  const viteArguments = [vite, 'build', '--config', configuration, '--outDir', output, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, viteArguments, { cwd: projectFolder });
}

function touch(folder: string): void {
  const nowSeconds = Date.now() / 1_000;
  utimesSync(folder, nowSeconds, nowSeconds);
}

function takeLock(): boolean {
  try {
    mkdirSync(lockFolder);
    return true;
  } catch {
    // Whoever was killed while building cannot give it back.
    try {
      if (Date.now() - statSync(lockFolder).mtimeMs > STALE_LOCK_MS) rmdirSync(lockFolder);
    } catch {
      // It was given back just now.
    }
    return false;
  }
}

function removeOldBuilds(): void {
  for (const name of readdirSync(buildsFolder)) {
    const folder = join(buildsFolder, name);
    if (Date.now() - statSync(folder).mtimeMs > OLD_BUILD_MS) rmSync(folder, { recursive: true, force: true });
  }
}

/** Changes whenever a source file is written, added or removed. */
function fingerprint(): string {
  const hash = createHash('sha256');
  for (const folder of SOURCE_FOLDERS) {
    const entries = readdirSync(join(projectFolder, folder), { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    for (const file of files.sort()) hash.update(`${file} ${statSync(file).mtimeMs}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}
