import { describe, expect, it, vi } from 'vitest';
import { QuitFlow, type QuitRequest } from '../../main/desktop/quit/quit-flow.ts';
import { RecordingLog } from '../fakes/silent-log.ts';

const person: QuitRequest = { how: 'drain', reason: 'You have asked for it.', asker: 'person' };

/** An agent whose draining ends when the test says so. */
function slowKeeper() {
  const ends: (() => void)[] = [];
  const stop = vi.fn(
    (how: 'drain' | 'now') =>
      new Promise<void>((resolve) => {
        ends.push(resolve);
        if (how === 'now') for (const end of ends) end();
      }),
  );
  return { stop, finish: () => ends.forEach((end) => end()) };
}

describe('quitting', () => {
  it('waits for what runs, and ends the program once', async () => {
    const keeper = slowKeeper();
    const onStopped = vi.fn();
    const flow = new QuitFlow({ keeper, log: new RecordingLog(), onRequest: () => {}, onStopped });
    flow.request(person);
    flow.request(person);
    await Promise.resolve();
    expect(onStopped).not.toHaveBeenCalled();
    expect(flow.isEnding).toBe(true);
    keeper.finish();
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalledTimes(1));
    expect(flow.hasStopped).toBe(true);
  });

  it('is cut short by a second request to end at once', async () => {
    const keeper = slowKeeper();
    const onStopped = vi.fn();
    const flow = new QuitFlow({ keeper, log: new RecordingLog(), onRequest: () => {}, onStopped });
    flow.request(person);
    flow.request({ ...person, how: 'now' });
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalledTimes(1));
    expect(keeper.stop.mock.calls.map(([how]) => how)).toEqual(['drain', 'now']);
  });

  it('ends the program also when the agent cannot be ended in order', async () => {
    const log = new RecordingLog();
    const onStopped = vi.fn();
    const keeper = { stop: () => Promise.reject(new Error('the disk is gone')) };
    new QuitFlow({ keeper, log, onRequest: () => {}, onStopped }).request(person);
    await vi.waitFor(() => expect(onStopped).toHaveBeenCalledTimes(1));
    expect(log.lines.some(({ level }) => level === 'error')).toBe(true);
  });
});
