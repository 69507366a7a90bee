import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));
/** Beside the project's `node_modules`, so that packages are found as in development. */
const appFolder = join(projectFolder, 'out', 'test-app');
const lockFolder = `${appFolder}.lock`;
const stampFile = join(appFolder, 'sources.txt');
const SOURCE_FOLDERS = ['main', 'preload', 'renderer', 'build'];
const STALE_LOCK_MS = 120_000;

/**
 * Builds the desktop app from the sources as they are, unless that has been done, and tells where: the folder that
 * Electron is started with. Test files at the same time wait for one another.
 * @throws Error with what Vite says when it cannot be built
 */
export async function buildDesktopApp(): Promise<string> {
  mkdirSync(join(projectFolder, 'out'), { recursive: true });
  while (!takeLock()) await new Promise((resolve) => setTimeout(resolve, 100));
  try {
    const sources = fingerprint();
    if (readStamp() === sources) return appFolder;
    rmSync(appFolder, { recursive: true, force: true });
    await build('build/vite.desktop.config.ts', 'desktop');
    await build('build/vite.renderer.config.ts', 'renderer');
    const { name, version, type, main } = JSON.parse(
      readFileSync(join(projectFolder, 'package.json'), 'utf8'),
    ) as Record<string, unknown>;
    writeFileSync(join(appFolder, 'package.json'), JSON.stringify({ name, version, type, main }));
    writeFileSync(stampFile, sources);
    return appFolder;
  } finally {
    rmdirSync(lockFolder);
  }
}

async function build(configuration: string, part: string): Promise<void> {
  const vite = join(projectFolder, 'node_modules', 'vite', 'bin', 'vite.js');
  const output = join(appFolder, 'dist', part);
  const viteArguments = [vite, 'build', '--config', configuration, '--outDir', output, '--emptyOutDir'];
  await promisify(execFile)(process.execPath, viteArguments, { cwd: projectFolder });
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

function readStamp(): string {
  try {
    return readFileSync(stampFile, 'utf8');
  } catch {
    return '';
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
  return hash.digest('hex');
}
