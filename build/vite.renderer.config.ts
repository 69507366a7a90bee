import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const projectFolder = fileURLToPath(new URL('..', import.meta.url));

/**
 * `dist/renderer`: the window, as files that refer to one another by relative addresses, so that it works at
 * `app://legwork/index.html` and at `http://127.0.0.1:<port>/<token>/` alike. Nothing is inlined, for the content
 * security policy allows no inline scripts and styles.
 */
export default defineConfig({
  root: `${projectFolder}renderer`,
  base: './',
  logLevel: 'warn',
  publicDir: 'public',
  plugins: [react()],
  build: {
    outDir: `${projectFolder}dist/renderer`,
    emptyOutDir: true,
    target: 'chrome130',
    cssTarget: 'chrome130',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1_500,
  },
});
