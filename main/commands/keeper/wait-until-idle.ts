import type { Agent } from '../../agent/agent.ts';
import type { Clock } from '../../protocol/ports.ts';

/** A restart for a setting waits this long for a moment in which nothing runs; then running tasks are finished first. */
const LONGEST_WAIT_MS = 600_000;
const CHECK_MS = 1_000;

/** Resolves when the present agent runs nothing, when it has been waited for long enough, or when the signal aborts. */
export async function waitUntilIdle(agent: () => Agent | null, clock: Clock, signal: AbortSignal): Promise<void> {
  const sinceMs = clock.monotonicMs();
  const isBusy = (): boolean => {
    const present = agent();
    return present !== null && present.activity !== 'stopped' && present.snapshot().running.length > 0;
  };
  while (!signal.aborted && isBusy() && clock.monotonicMs() - sinceMs < LONGEST_WAIT_MS) {
    await clock.sleep(CHECK_MS, signal);
  }
}
