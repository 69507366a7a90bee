import { describe, expect, it } from 'vitest';
import type { UiSnapshot } from '../../preload/contract.ts';
import { SnapshotFeed } from '../../main/user-interface/snapshot/snapshot-feed.ts';
import type { SnapshotContent } from '../../main/user-interface/snapshot/snapshot-inputs.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

function fixture() {
  const clock = new ManualClock();
  const state = { statusLine: 'one', built: 0 };
  const feed = new SnapshotFeed({
    clock,
    build: () => {
      state.built += 1;
      return { statusLine: state.statusLine } as SnapshotContent;
    },
  });
  const told: UiSnapshot[] = [];
  const listen = () => feed.subscribe((snapshot) => told.push(snapshot));
  return { clock, state, feed, told, listen, lines: () => told.map(({ statusLine }) => statusLine) };
}

describe('SnapshotFeed', () => {
  it('tells the first change at once and the last of a burst after a tenth of a second', async () => {
    const { clock, state, feed, lines, listen } = fixture();
    listen();
    feed.changed();
    expect(lines()).toEqual(['one']);
    for (let change = 0; change < 1_000; change += 1) {
      state.statusLine = `change ${change}`;
      feed.changed();
    }
    expect(lines()).toEqual(['one']);
    await clock.advance(99);
    expect(lines()).toEqual(['one']);
    await clock.advance(1);
    expect(lines()).toEqual(['one', 'change 999']);
    expect(state.built).toBe(2);
  });

  it('tells ten a second at most, however much happens', async () => {
    const { clock, state, feed, told, listen } = fixture();
    listen();
    for (let ms = 0; ms < 1_000; ms += 1) {
      state.statusLine = `at ${ms}`;
      feed.changed();
      await clock.advance(1);
    }
    expect(told.length).toBeLessThanOrEqual(11);
    expect(told.length).toBeGreaterThanOrEqual(10);
    expect(told.map(({ sequence }) => sequence)).toEqual(told.map((_, index) => (told[0]?.sequence ?? 0) + index));
  });

  it('says nothing when nothing has changed, and does nothing without a listener', async () => {
    const { clock, state, feed, lines, listen } = fixture();
    feed.changed();
    expect(state.built).toBe(0);
    listen();
    for (let turn = 0; turn < 5; turn += 1) {
      feed.changed();
      await clock.advance(200);
    }
    expect(lines()).toEqual(['one']);
  });

  it('still tells the others of what one has asked for', async () => {
    const { clock, state, feed, lines, listen } = fixture();
    listen();
    feed.changed();
    await clock.advance(200);
    state.statusLine = 'two';
    expect(feed.present().statusLine).toBe('two');
    feed.changed();
    expect(lines()).toEqual(['one', 'two']);
  });

  it('is silent once it is closed', async () => {
    const { clock, state, feed, lines, listen } = fixture();
    listen();
    feed.changed();
    state.statusLine = 'two';
    feed.changed();
    feed.close();
    await clock.advance(1_000);
    expect(lines()).toEqual(['one']);
  });
});
