import { chmodSync, cpSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, defineConfig, type InlineConfig, type Plugin } from 'vite';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * One source with everything of our own that it imports as one file; packages stay outside, since some hold native
 * code, or files that they look for beside themselves.
 */
function oneFile(source: string, output: string, outputFolder: string): InlineConfig {
  return {
    root: projectFolder,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: source,
      target: 'node20',
      outDir: outputFolder,
      emptyOutDir: false,
      minify: false,
      rollupOptions: {
        external: (id) => !/^[./\0]/.test(id) && !/^[A-Za-z]:/.test(id),
        output: { entryFileNames: output, format: 'es', codeSplitting: false },
      },
    },
  };
}

/** Makes the built file a program, and puts beside it what it looks for there. */
function finishProgram(): Plugin {
  let outputFolder = '';
  return {
    name: 'finish-program',
    configResolved: (config) => {
      outputFolder = resolve(config.root, config.build.outDir);
    },
    buildStart: () => rmSync(outputFolder, { recursive: true, force: true }),
    async closeBundle() {
      chmodSync(join(outputFolder, 'legwork.js'), 0o755);
      cpSync(join(projectFolder, 'main/demo/sample-site'), join(outputFolder, 'sample-site'), { recursive: true });
      await build(oneFile('main/browser/lighthouse-html/audit-thread.ts', 'audit-thread.js', outputFolder));
    },
  };
}

/**
 * `dist/legwork.js`, which runs with `node` or by itself, and beside it the program of the thread that audits run in
 * and the site that the demo serves. `--outDir` puts them elsewhere.
 */
export default defineConfig({ ...oneFile('main/cli.ts', 'legwork.js', 'dist'), plugins: [finishProgram()] });
