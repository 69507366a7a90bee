import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import {
  findPackedModules,
  importedPackages,
  packedFiles,
  type NativeChoice,
  type PackedModule,
} from './packed-modules.ts';

/** The parts of the built project that the app is made of. */
const BUILT_FOLDERS = ['dist/desktop', 'dist/renderer'];

/** A deb names a home page; this one says that there is none (RFC 2606). */
const NO_HOMEPAGE = 'https://legwork.invalid/';

/** What was put together. */
export interface StagedApp {
  modules: PackedModule[];
  /** Of the packages, without the app's own files. */
  moduleBytes: number;
  ownBytes: number;
}

/**
 * Puts together the folder that becomes the app's archive: what was built, and of `node_modules` only what it imports.
 * @param folder is emptied first
 * @throws Error when the project has not been built
 */
export function stageApp(projectFolder: string, folder: string, native: NativeChoice): StagedApp {
  for (const built of BUILT_FOLDERS) {
    if (!existsSync(join(projectFolder, built))) throw new Error(`${built} is missing. Run \`npm run build\` first.`);
  }
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const built of BUILT_FOLDERS) cpSync(join(projectFolder, built), join(folder, built), { recursive: true });
  const ownBytes = BUILT_FOLDERS.reduce((sum, built) => sum + folderBytes(join(folder, built)), 0);
  for (const name of ['LICENSE']) copyFileSync(join(projectFolder, name), join(folder, name));

  const description = JSON.parse(readFileSync(join(projectFolder, 'package.json'), 'utf8')) as Record<string, unknown>;
  const {
    name,
    version,
    description: summary,
    license,
    type,
    main,
    homepage = process.env['LEGWORK_HOMEPAGE'] || NO_HOMEPAGE,
  } = description;
  const author = 'The Legwork authors';
  const kept = { name, productName: 'Legwork', version, description: summary, author, homepage, license, type, main };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(kept, null, 2)}\n`);

  const modules = findPackedModules(
    projectFolder,
    importedPackages(programSources(join(projectFolder, 'dist/desktop'))),
  );
  let moduleBytes = 0;
  for (const module of modules) {
    const from = join(projectFolder, module.folder);
    for (const file of packedFiles(module, from, native)) {
      const to = join(folder, module.folder, file);
      mkdirSync(dirname(to), { recursive: true });
      copyFileSync(join(from, file), to);
      moduleBytes += statSync(to).size;
    }
  }
  return { modules, moduleBytes, ownBytes };
}

function programSources(folder: string): string[] {
  return readdirSync(folder)
    .filter((file) => /\.[cm]?js$/.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8'));
}

function folderBytes(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
}
