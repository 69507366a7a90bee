import { performance } from 'node:perf_hooks';

/**
 * Does one step of the set-up in sight of the user: says what is done and how long it took, and shows what the program
 * printed only when it failed.
 * @param {string} title what is done, such as “Installing packages (npm ci)”
 * @param {() => Promise<{ exitCode: number | null, output: string }>} work
 * @param {string} [advice] what to do when it fails
 * @throws Error when the program failed; its output has been shown
 */
export async function showStep(title, work, advice = '') {
  const startedAtMs = performance.now();
  process.stderr.write(`set-up: ${title} … `);
  const { exitCode, output } = await work();
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  process.stderr.write(exitCode === 0 ? `done (${seconds} s)\n` : `failed (${seconds} s)\n`);
  if (exitCode === 0) return;
  process.stderr.write(`${output.trimEnd()}\n`);
  throw new Error(`${title} failed. ${advice}`.trim());
}
