import type { Lane } from '../protocol/fields.ts';
import type { RequestWorkRequest } from '../protocol/request-work.ts';

/** What decides how much work to ask for. */
export interface CapacityState {
  maxConcurrent: number;
  /** Tasks that are queued or hold a slot, by lane. */
  held: Record<Lane, number>;
  /** Nothing may be started: paused, draining, no room on the disk, task processing switched off. */
  stopped: boolean;
}

/** Exclusive tasks that are held beside the one that runs, so that they come in batches and lanes rarely switch. */
const EXCLUSIVE_HELD = 3;

/**
 * How many tasks to lease: enough that a free slot always finds the next task here, no more, since another agent could
 * have it. Asks again only when the reserve is half used, so that one call brings several.
 */
export function capacityToAskFor(state: CapacityState): RequestWorkRequest['capacity'] {
  if (state.stopped) return { page: 0, exclusive: 0 };
  const reserve = Math.max(2, state.maxConcurrent);
  const pageTarget = state.maxConcurrent + reserve;
  const page = state.held.page <= state.maxConcurrent + Math.floor(reserve / 2) ? pageTarget - state.held.page : 0;
  return { page: Math.max(0, page), exclusive: Math.max(0, EXCLUSIVE_HELD - state.held.exclusive) };
}
