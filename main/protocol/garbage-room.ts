import { setFlagsFromString } from 'node:v8';

/** Garbage may grow to this share of what lives before V8 looks through the whole heap. */
const GROWING_PERCENT = 200;

/**
 * For programs through which pages flow: hub and task host. V8 takes a heap as small as theirs for one that should stay
 * small, and looks through all of it, with helping threads, whenever the buffers of some twenty pages have gone through.
 * The room costs some tens of megabytes while work flows; at rest V8 gives them back as before. Call it once, early: V8
 * reads this flag anew after each collection, so that it may be set while the program runs.
 */
export function leaveRoomForGarbage(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWING_PERCENT}`);
}
