import { cpus } from 'node:os';

/** Share (0–1) of all cores' time that was idle over the given time. */
async function idleShare(sampleMs: number): Promise<number> {
  const read = (): { idle: number; total: number } => {
    const times = cpus().map((cpu) => cpu.times);
    const idle = times.reduce((sum, each) => sum + each.idle, 0);
    const total = times.reduce((sum, each) => sum + each.user + each.nice + each.sys + each.irq + each.idle, 0);
    return { idle, total };
  };
  const before = read();
  await new Promise((resolve) => setTimeout(resolve, sampleMs));
  const after = read();
  return (after.idle - before.idle) / Math.max(1, after.total - before.total);
}

const QUIET_SHARE = 0.8;
const SAMPLE_MS = 1_000;

/** Waits until others leave the machine alone, at most so long; says whether they did. */
export async function waitForQuiet(atMostMs: number): Promise<boolean> {
  const endMs = performance.now() + atMostMs;
  do {
    if ((await idleShare(SAMPLE_MS)) >= QUIET_SHARE) return true;
  } while (performance.now() < endMs);
  return false;
}
