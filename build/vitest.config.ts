import { defineConfig } from 'vitest/config';

/** One worker a core; every test file cleans up the processes and folders that it made. */
export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    exclude: ['test/bench/**', 'test/chaos/**', 'node_modules/**'],
    // Bounds of what waits for events: on two slow cores a single test may take many times as long as alone.
    testTimeout: 120_000,
    hookTimeout: 180_000,
    pool: 'forks',
    // Vitest leaves one core free by itself; these tests wait for processes of their own most of the time.
    maxWorkers: '100%',
  },
});
