import { chmodSync, cpSync, existsSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const outputFolder = join(projectFolder, 'dist');

/** Makes the built file a program, and puts beside it the site that the demo serves. */
function finishProgram(): Plugin {
  return {
    name: 'finish-program',
    closeBundle() {
      chmodSync(join(outputFolder, 'legwork.js'), 0o755);
      const site = join(projectFolder, 'main/demo/sample-site');
      const copy = join(outputFolder, 'sample-site');
      rmSync(copy, { recursive: true, force: true });
      if (existsSync(site)) cpSync(site, copy, { recursive: true });
    },
  };
}

/**
 * `dist/legwork.js`: all own code in one file that runs with `node` or by itself; packages stay outside, since some
 * hold native code, browsers' protocols or files that they look for beside themselves.
 */
export default defineConfig({
  root: projectFolder,
  logLevel: 'warn',
  plugins: [finishProgram()],
  ssr: { noExternal: [], external: true },
  build: {
    ssr: 'main/cli.ts',
    target: 'node20',
    outDir: outputFolder,
    emptyOutDir: true,
    minify: false,
    sourcemap: false,
    rollupOptions: {
      external: (id) =>
        id.startsWith('node:') || builtinModules.includes(id) || (!/^[./\0]/.test(id) && !/^[A-Za-z]:/.test(id)),
      output: { entryFileNames: 'legwork.js', format: 'es', codeSplitting: false },
    },
  },
});
