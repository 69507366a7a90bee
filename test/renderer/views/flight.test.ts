import { expect, it } from 'vitest';
import { Flight, REST_MS } from '../../../renderer/views/history/flight.ts';

const FAR_PX = 700;

/** Whether rows fly after each of some movements of [pixels from the top, milliseconds]. */
function flights(...moves: [topPx: number, atMs: number][]): boolean[] {
  const flight = new Flight(0);
  return moves.map(([topPx, atMs]) => flight.move(topPx, FAR_PX, atMs));
}

it('takes far movements that follow one another for flying, in either direction', () => {
  expect(flights([1_440, 0], [2_880, 16], [4_320, 33], [2_000, 50])).toEqual([false, true, true, true]);
});

it('takes a jump for a jump, also one after another', () => {
  expect(flights([90_000, 0], [10_000, REST_MS], [500_000, 3 * REST_MS])).toEqual([false, false, false]);
});

it('lands as soon as a movement is near, and reading never takes off', () => {
  expect(flights([1_440, 0], [2_880, 16], [3_000, 33], [4_400, 50])).toEqual([false, true, false, false]);
  expect(flights([108, 0], [216, 16], [324, 33])).toEqual([false, false, false]);
});
