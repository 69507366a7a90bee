import { runContender } from '../../contender-program.ts';
import { floorOf } from './floor-of.ts';

/** The floor as a contender: a bare loop over the DevTools protocol in a warm browser. */
await runContender(floorOf);
