import { scheduleAsBatch } from '../../../../main/browser/batch-scheduling.ts';
import { runContender } from '../../contender-program.ts';
import { floorOf } from './floor-of.ts';

/**
 * The floor, with program and browser scheduled as Legwork schedules its pages: what Legwork is behind it, it is by its
 * own work.
 */
await runContender(async (settings) => {
  await scheduleAsBatch(console);
  return floorOf(settings);
});
