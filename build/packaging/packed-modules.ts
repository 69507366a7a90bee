import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Packages that others name as theirs, but that nothing which runs in the app loads: command lines, the report of
 * errors to Lighthouse's makers, what starts a browser for it, types.
 */
export const LEFT_OUT_PACKAGES: ReadonlySet<string> = new Set([
  '@sentry/node',
  'yargs',
  'configstore',
  'enquirer',
  'open',
  'chrome-launcher',
  'chromium-bidi',
  'devtools-protocol',
  'typed-query-selector',
  'node-addon-api',
]);

/** Files of packages that only their developers need, and the binaries of other systems; paths with `/` below the package. */
const LEFT_OUT_FILES: readonly RegExp[] = [
  /\.(?:map|md|markdown|[cm]?ts|tsbuildinfo|flow|coffee)$/i,
  /(?:^|\/)(?:tests?|__tests__|examples?|docs?|\.github|\.bin)\//i,
  /(?:^|\/)(?:\.[^/]*|tsconfig[^/]*\.json|changelog[^/]*)$/i,
];

/** The same by package. */
const LEFT_OUT_FILES_OF: Readonly<Record<string, readonly RegExp[]>> = {
  'better-sqlite3': [/^(?:src|deps)\//, /^binding\.gyp$/, /^build\/(?!Release\/better_sqlite3\.node$)/],
  lighthouse: [/^(?:cli|readme|build|clients|core\/scripts)\//, /^flow-report\/(?!assets\/)/],
  '@paulirish/trace_engine': [/^locales\//],
  'playwright-core': [/^(?:types|bin)\//, /^lib\/(?:vite|tools|mcp)\//],
  'puppeteer-core': [/^src\//, /^lib\/(?:cjs|es5-iife|types)/],
  'third-party-web': [/^dist\/.*\.csv$/],
  'axe-core': [/^locales\//, /^axe\.js$/],
  'quickjs-wasi': [/^extensions\//],
};

/** A package that is put into the app. */
export interface PackedModule {
  name: string;
  /** From the project's folder, with `/`: `node_modules/lighthouse/node_modules/ws`. */
  folder: string;
}

const IMPORTED = /(?:\bfrom|\bimport|\brequire\()\s*\(?\s*["']([^"'.][^"']*)["']/g;

/** Names of the packages that built files import, in order; Electron and Node's own modules are not among them. */
export function importedPackages(sources: readonly string[]): string[] {
  const own = new Set(['electron', ...builtinModules]);
  const names = sources.flatMap((source) =>
    [...source.matchAll(IMPORTED)].map(([, target = '']) => packageName(target)),
  );
  return [...new Set(names)].filter((name) => name !== '' && !own.has(name)).sort();
}

/** The package that an import names; '' for what is none. */
function packageName(target: string): string {
  return /^(?:@[a-z0-9][\w.-]*\/)?[a-z0-9][\w.-]*(?=\/|$)/.exec(target)?.[0] ?? '';
}

/**
 * The packages that must be beside the built files: those that they import and, of these, everything that they depend
 * on but what is left out.
 * @throws Error when one is not installed
 */
export function findPackedModules(projectFolder: string, importedNames: readonly string[]): PackedModule[] {
  const found = new Map<string, PackedModule>();
  const visit = (name: string, fromFolder: string, isOptional: boolean): void => {
    if (LEFT_OUT_PACKAGES.has(name) || name.startsWith('@types/')) return;
    const folder = findModule(projectFolder, fromFolder, name);
    if (folder === null) {
      if (isOptional) return;
      throw new Error(`${name}, which ${relative(projectFolder, fromFolder) || 'the app'} needs, is not installed`);
    }
    const path = relative(projectFolder, folder).split(sep).join('/');
    if (found.has(path)) return;
    found.set(path, { name, folder: path });
    const description = readDescription(folder);
    const optional = new Set([
      ...Object.keys(description.optionalDependencies ?? {}),
      ...Object.keys(description.peerDependenciesMeta ?? {}),
    ]);
    const needed = Object.keys({
      ...description.dependencies,
      ...description.optionalDependencies,
      ...description.peerDependencies,
    });
    for (const each of needed) visit(each, folder, optional.has(each));
  };
  for (const name of importedNames) visit(name, projectFolder, false);
  return [...found.values()].sort((a, b) => a.folder.localeCompare(b.folder));
}

interface PackageDescription {
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, unknown>;
}

function readDescription(folder: string): PackageDescription {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageDescription;
}

/** As Node looks: in the `node_modules` of the folder and of every one above it. */
function findModule(projectFolder: string, fromFolder: string, name: string): string | null {
  for (let folder = fromFolder; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(join(candidate, 'package.json'))) return candidate;
    if (folder === projectFolder || folder === dirname(folder)) return null;
  }
}

/** What is kept of better-sqlite3's prebuilt binaries. */
export interface NativeChoice {
  /** Such as `linux`. */
  platform: string;
  /** Such as `x64`; both of a macOS app for two. */
  architectures: readonly string[];
  /** Whether a build made on this machine goes in, which takes the place of the prebuilt ones. */
  ownBuild: boolean;
}

/** Files of a package that are put into the app, with `/`, from the package's folder. Nested packages are not among them. */
export function packedFiles(module: PackedModule, packageFolder: string, native: NativeChoice): string[] {
  const leftOut = [...LEFT_OUT_FILES, ...(LEFT_OUT_FILES_OF[module.name] ?? [])];
  return readdirSync(packageFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(packageFolder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.startsWith('node_modules/') && !leftOut.some((pattern) => pattern.test(file)))
    .filter((file) => module.name !== 'better-sqlite3' || isWantedBinary(file, native));
}

function isWantedBinary(file: string, { platform, architectures, ownBuild }: NativeChoice): boolean {
  if (file.startsWith('build/')) return ownBuild;
  if (!file.startsWith('prebuilds/')) return true;
  if (ownBuild) return false;
  return architectures.some((architecture) => file === `prebuilds/${platform}-${architecture}.node`);
}
