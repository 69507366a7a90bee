import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { arch, cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';

/** Where every benchmark leaves its figures; not in version control. */
export const RESULTS_FOLDER = join(import.meta.dirname, 'results');

/** One promise about speed: what was promised, what was measured, and whether that is enough. */
export const target = z.object({ what: z.string(), target: z.string(), measured: z.string(), met: z.boolean() });
export type Target = z.infer<typeof target>;

/** What one benchmark writes to `results/<name>.json`; `figures` is its own. */
export const report = z.object({
  name: z.string(),
  command: z.string(),
  quick: z.boolean(),
  finishedAt: z.string(),
  environment: z.record(z.string(), z.json()),
  targets: z.array(target),
  figures: z.json(),
});
export type Report = z.infer<typeof report>;

/** The machine and the programs that the figures belong to. */
export function describeEnvironment(chromiumPath?: string): Report['environment'] {
  return {
    cpu: cpus()[0]?.model ?? 'unknown',
    cpuCount: cpus().length,
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()} ${arch()}`,
    node: process.version,
    loadAverageOneMinute: loadavg()[0] ?? 0,
    ...(chromiumPath === undefined
      ? {}
      : { chromium: execFileSync(chromiumPath, ['--version'], { encoding: 'utf8' }).trim(), chromiumPath }),
  };
}

/** One line a target, as it is printed under a benchmark's table and again at the end of all. */
export function formatTarget(target: Target): string {
  return `${target.met ? 'met   ' : 'MISSED'}  ${target.what}: ${target.measured} (target: ${target.target})`;
}

/** Prints the targets, writes `results/<name>.json` and says where. */
export function publishReport(content: Omit<Report, 'finishedAt'>): void {
  mkdirSync(RESULTS_FOLDER, { recursive: true });
  const path = join(RESULTS_FOLDER, `${content.name}.json`);
  writeFileSync(path, `${JSON.stringify({ ...content, finishedAt: new Date().toISOString() }, null, 2)}\n`);
  for (const target of content.targets) console.log(formatTarget(target));
  console.log(`figures: ${path}\n`);
}
