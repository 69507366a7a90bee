import type { Lane } from '../../protocol/fields.ts';

/** What the choice of the next task depends on. Times are monotonic milliseconds. */
export interface LaneState {
  runningPage: number;
  runningExclusive: number;
  /** Tasks that may start now. */
  duePage: number;
  dueExclusive: number;
  maxConcurrent: number;
  /** Whose turn it is, and since when. */
  turn: Lane;
  turnStartedMs: number;
  /** Since when the other lane has had due tasks while it had to wait; null when it has none. */
  otherWaitingSinceMs: number | null;
  nowMs: number;
}

/** Start this many tasks of the lane now (0: nothing), and whose turn it is from now on. */
export interface LaneChoice {
  turn: Lane;
  start: number;
}

/** A lane that has work keeps the machine for this long while the other one waits: switching empties the machine. */
export const TURN_LIMIT_MS: Readonly<Record<Lane, number>> = { page: 60_000, exclusive: 240_000 };

function other(lane: Lane): Lane {
  return lane === 'page' ? 'exclusive' : 'page';
}

/**
 * Which lane goes on. Page tasks run side by side; an exclusive task runs alone: before it starts, running page tasks
 * finish and none starts. A lane keeps its turn while it has work, so that exclusive tasks are batched, until the other
 * has waited for the turn limit.
 */
export function chooseLane(state: LaneState): LaneChoice {
  const due: Record<Lane, number> = { page: state.duePage, exclusive: state.dueExclusive };
  const running = state.runningPage + state.runningExclusive;
  let turn = state.turn;
  const otherIsDue = due[other(turn)] > 0;
  const waitedMs = state.otherWaitingSinceMs === null ? 0 : state.nowMs - state.otherWaitingSinceMs;
  const idleInTurn = due[turn] === 0 && (turn === 'page' ? state.runningPage : state.runningExclusive) === 0;
  if (otherIsDue && (due[turn] === 0 || idleInTurn || waitedMs >= TURN_LIMIT_MS[turn])) turn = other(turn);

  if (turn === 'exclusive') return { turn, start: running === 0 && due.exclusive > 0 ? 1 : 0 };
  if (state.runningExclusive > 0) return { turn, start: 0 };
  return { turn, start: Math.max(0, Math.min(due.page, state.maxConcurrent - state.runningPage)) };
}
