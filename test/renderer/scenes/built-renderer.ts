import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

const projectFolder = fileURLToPath(new URL('../../..', import.meta.url));
const cacheFolder = join(projectFolder, 'node_modules/.cache/legwork-renderer');
const SOURCES = [
  'renderer',
  'preload',
  'main/protocol',
  'build/vite.renderer.config.ts',
  'package-lock.json',
  'test/renderer/scenes/built-renderer.ts',
];

/** The folder of the built window; built anew only when its sources have changed. */
export async function builtRenderer(): Promise<string> {
  const folder = join(cacheFolder, await sourceHash());
  if (existsSync(folder)) return folder;
  await mkdir(cacheFolder, { recursive: true });
  const made = await mkdtemp(join(cacheFolder, 'making-'));
  await buildForPeople(made);
  try {
    await rename(made, folder);
  } catch {
    // Another test file was quicker; what it has made is the same.
    await rm(made, { recursive: true, force: true });
  }
  return folder;
}

/** A test runner's own environment would give the React that is made for finding errors, which does things twice. */
async function buildForPeople(outDir: string): Promise<void> {
  const before = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: join(projectFolder, 'build/vite.renderer.config.ts'),
      build: { outDir, emptyOutDir: true },
    });
  } finally {
    if (before === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = before;
  }
}

async function sourceHash(): Promise<string> {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    const path = join(projectFolder, source);
    const files = /\.\w+$/.test(source) ? [path] : await filesIn(path);
    for (const file of files.sort()) hash.update(file).update(await readFile(file));
  }
  return hash.digest('hex').slice(0, 16);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
