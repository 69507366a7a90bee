import type { Lane } from '../protocol/fields.ts';
import type { RequestWorkRequest } from '../protocol/request-work.ts';

/** What decides how much work to ask for. */
export interface CapacityState {
  maxConcurrent: number;
  /** Tasks that are queued or hold a slot, by lane. */
  held: Record<Lane, number>;
  /** Of these, tasks whose sites may not be visited yet; none by default. */
  setAside?: Record<Lane, number>;
  /** Nothing may be started: paused, draining, no room on the disk, task processing switched off. */
  stopped: boolean;
}

/** Exclusive tasks that are held beside the one that runs, so that they come in batches and lanes rarely switch. */
const EXCLUSIVE_HELD = 3;

/**
 * How many tasks to lease: enough that a free slot always finds the next task here, no more, since another agent could
 * have it. Asks again only when the reserve is half used, so that one call brings several. Tasks that wait for their
 * sites do not keep those of other sites away, up to as many as are held otherwise.
 */
export function capacityToAskFor(state: CapacityState): RequestWorkRequest['capacity'] {
  if (state.stopped) return { page: 0, exclusive: 0 };
  const reserve = Math.max(2, state.maxConcurrent);
  const pageTarget = state.maxConcurrent + reserve;
  const { page: pagesAside, exclusive: exclusiveAside } = state.setAside ?? { page: 0, exclusive: 0 };
  const heldPages = state.held.page - Math.min(pagesAside, pageTarget);
  const heldExclusive = state.held.exclusive - Math.min(exclusiveAside, EXCLUSIVE_HELD);
  const page = heldPages <= state.maxConcurrent + Math.floor(reserve / 2) ? pageTarget - heldPages : 0;
  return { page: Math.max(0, page), exclusive: Math.max(0, EXCLUSIVE_HELD - heldExclusive) };
}
