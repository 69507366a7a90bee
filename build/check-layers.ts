import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Fails on an import that goes against the layers: `protocol ← agent ← user-interface ← desktop`, `protocol ← hub`,
 * `protocol ← browser`, `renderer → preload/contract`. `main/user-interface` answers the contract for an agent. The
 * programs at `main/*.ts` and `main/commands` put all layers together and may import each of them but desktop.
 */
interface Layer {
  folder: string;
  mayImport: string[];
  /** Packages that only these layers may use. */
  refusedPackages?: string[];
}

const BROWSER_PACKAGES = ['playwright-core', 'lighthouse', 'devtools-protocol', 'turndown', 'chrome-har'];
const HUB_PACKAGES = ['fastify', '@fastify/swagger', '@fastify/rate-limit', 'fastify-type-provider-zod'];

const LAYERS: Layer[] = [
  {
    folder: 'main/protocol',
    mayImport: [],
    refusedPackages: ['electron', 'better-sqlite3', ...BROWSER_PACKAGES, ...HUB_PACKAGES],
  },
  {
    folder: 'main/agent',
    mayImport: ['main/protocol'],
    refusedPackages: ['electron', ...BROWSER_PACKAGES, ...HUB_PACKAGES],
  },
  {
    folder: 'main/browser',
    mayImport: ['main/protocol'],
    refusedPackages: ['electron', 'better-sqlite3', ...HUB_PACKAGES],
  },
  { folder: 'main/hub', mayImport: ['main/protocol'], refusedPackages: ['electron', ...BROWSER_PACKAGES] },
  {
    folder: 'main/user-interface',
    mayImport: ['main/protocol', 'main/agent', 'preload'],
    refusedPackages: ['electron', ...BROWSER_PACKAGES, ...HUB_PACKAGES],
  },
  {
    folder: 'main/desktop',
    mayImport: ['main/protocol', 'main/agent', 'main/browser', 'main/user-interface', 'main', 'preload'],
  },
  {
    folder: 'preload',
    mayImport: ['main/protocol'],
    refusedPackages: ['better-sqlite3', ...BROWSER_PACKAGES, ...HUB_PACKAGES],
  },
  {
    folder: 'renderer',
    mayImport: ['preload'],
    refusedPackages: ['electron', 'better-sqlite3', ...BROWSER_PACKAGES, ...HUB_PACKAGES],
  },
  {
    folder: 'main',
    mayImport: ['main/protocol', 'main/agent', 'main/browser', 'main/hub', 'main/user-interface', 'preload'],
    refusedPackages: ['electron'],
  },
];

const IMPORT =
  /(?:^|[\s;])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|(?:^|[\s;])import\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

/** The layer that a file belongs to: the one with the longest matching folder. */
function layerOf(file: string): Layer | undefined {
  return LAYERS.filter((layer) => file.startsWith(`${layer.folder}/`)).sort(
    (a, b) => b.folder.length - a.folder.length,
  )[0];
}

/** The forbidden imports of one file, each as a sentence; none when it keeps to its layer. */
export function forbiddenImports(file: string, source: string): string[] {
  const layer = layerOf(file);
  if (layer === undefined) return [];
  const found: string[] = [];
  for (const match of source.matchAll(IMPORT)) {
    const target = match[1] ?? match[2] ?? match[3] ?? '';
    if (target.startsWith('.')) {
      const path = relative('.', resolve(dirname(file), target))
        .split(sep)
        .join('/');
      const targetLayer = layerOf(path);
      const allowed =
        targetLayer !== undefined && (targetLayer === layer || layer.mayImport.includes(targetLayer.folder));
      const isData = path.endsWith('.json') || path.startsWith('test/fixtures/');
      if (!allowed && !(isData && targetLayer === layer))
        found.push(`${file} (${layer.folder}) may not import ${path}`);
    } else if (layer.refusedPackages?.some((name) => target === name || target.startsWith(`${name}/`)) === true) {
      found.push(`${file} (${layer.folder}) may not import the package ${target}`);
    }
  }
  return found;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).split(sep).join('/'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const problems = ['main', 'preload', 'renderer'].flatMap((folder) => {
    try {
      return sourceFiles(folder).flatMap((file) => forbiddenImports(file, readFileSync(file, 'utf8')));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
  });
  for (const problem of problems) console.error(problem);
  console.log(
    problems.length === 0 ? 'layers: every import goes the right way' : `layers: ${problems.length} forbidden imports`,
  );
  process.exitCode = problems.length === 0 ? 0 : 1;
}
