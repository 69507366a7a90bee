import { cpSync, existsSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/** Electron 45 carries Node 24, older ones that it is tested with Node 20. */
const TARGET = 'node20';

/**
 * One source with everything of our own that it imports as one file. Packages stay outside: some hold native code, or
 * files that they look for beside themselves.
 */
function oneFile(source: string, output: string, format: 'es' | 'cjs', outputFolder = 'dist/desktop'): InlineConfig {
  return {
    root: projectFolder,
    configFile: false,
    logLevel: 'warn',
    // Base64 of the SPKI form of the Ed25519 key that updates are signed with; a copy without does not update itself.
    define: { LEGWORK_UPDATE_PUBLIC_KEY: JSON.stringify(process.env['LEGWORK_UPDATE_PUBLIC_KEY'] ?? '') },
    build: {
      ssr: source,
      target: TARGET,
      outDir: outputFolder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: {
        external: (id) => !/^[./\0]/.test(id) && !/^[A-Za-z]:/.test(id),
        output: { entryFileNames: output, format, codeSplitting: false },
      },
    },
  };
}

/** The parts beside the main program: what runs in other processes and threads, and the icons. */
function otherParts(): Plugin {
  let outputFolder = '';
  return {
    name: 'other-parts',
    configResolved: (config) => {
      outputFolder = resolve(config.root, config.build.outDir);
    },
    buildStart: () => rmSync(outputFolder, { recursive: true, force: true }),
    async closeBundle() {
      // A sandboxed preload script can only be CommonJS.
      await build(oneFile('preload/bridge.ts', 'preload.cjs', 'cjs', outputFolder));
      await build(oneFile('main/desktop/task-host/task-host-entry.ts', 'task-host.js', 'es', outputFolder));
      await build(oneFile('main/browser/lighthouse-html/audit-thread.ts', 'audit-thread.js', 'es', outputFolder));
      const icons = join(projectFolder, 'build', 'icons', 'output');
      if (existsSync(icons)) cpSync(icons, join(outputFolder, 'icons'), { recursive: true });
    },
  };
}

/** `dist/desktop`: the main program of the Electron app, its preload script and its task host. `--outDir` puts them elsewhere. */
export default defineConfig({ ...oneFile('main/desktop/main.ts', 'main.js', 'es'), plugins: [otherParts()] });
