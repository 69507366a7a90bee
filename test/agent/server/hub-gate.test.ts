import { describe, expect, it } from 'vitest';
import { HubCallError } from '../../../main/agent/server/hub-call-error.ts';
import { hubFailure } from '../../../main/agent/server/hub-failure.ts';
import { HubGate } from '../../../main/agent/server/hub-gate.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

const never = new AbortController().signal;

function unreachable(retryAfterMs: number | null = null): HubCallError {
  return new HubCallError({ failure: 'unreachable', message: 'no answer', retryable: true, retryAfterMs });
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

/** A gate with the longest possible delays, so that they can be stated. */
function gateWithClock(): { gate: HubGate; clock: ManualClock } {
  const clock = new ManualClock();
  return { gate: new HubGate({ clock, random: () => 0.999_999 }), clock };
}

async function fail(gate: HubGate, error: Error = unreachable()): Promise<void> {
  await gate.pass(() => Promise.reject(error), hubFailure, never).catch(() => undefined);
}

describe('the gate to a hub', () => {
  it('lets calls through at once and side by side while the hub is well', async () => {
    const { gate } = gateWithClock();
    const started: number[] = [];
    const call = (number: number) => (): Promise<number> => {
      started.push(number);
      return Promise.resolve(number);
    };
    await Promise.all([1, 2, 3].map((number) => gate.pass(call(number), hubFailure, never)));
    expect(started).toEqual([1, 2, 3]);
    expect(gate.delayMs).toBe(0);
  });

  it('delays longer with each failure in a row, never beyond five minutes, and forgets it on success', async () => {
    const { gate, clock } = gateWithClock();
    const delays: number[] = [];
    for (let failure = 0; failure < 12; failure += 1) {
      await fail(gate);
      delays.push(gate.delayMs);
      await clock.advance(gate.delayMs);
    }
    for (const [index, delay] of delays.entries())
      if (index > 0) expect(delay).toBeGreaterThanOrEqual(delays[index - 1] ?? 0);
    expect(Math.max(...delays)).toBeLessThanOrEqual(300_000);
    expect(delays.at(-1)).toBeGreaterThan(200_000);
    await gate.pass(() => Promise.resolve(), hubFailure, never);
    expect(gate.failing).toBe(false);
    await fail(gate);
    expect(gate.delayMs).toBe(delays[0]);
  });

  it('counts calls that were under way together as one failure', async () => {
    const alone = gateWithClock();
    await fail(alone.gate);
    const together = gateWithClock();
    let breakAll: () => void = () => undefined;
    const broken = new Promise<never>((_resolve, reject) => {
      breakAll = () => reject(unreachable());
    });
    const calls = [1, 2, 3, 4].map(() => together.gate.pass(() => broken, hubFailure, never).catch(() => undefined));
    await settle();
    breakAll();
    await Promise.all(calls);
    expect(together.gate.delayMs).toBe(alone.gate.delayMs);
  });

  it('asks a failing hub with one call only, and lets all others follow once that has got through', async () => {
    const { gate, clock } = gateWithClock();
    await fail(gate);
    let started = 0;
    let answer: () => void = () => undefined;
    const probe = new Promise<void>((resolve) => {
      answer = resolve;
    });
    const calls = [1, 2, 3, 4, 5].map(() =>
      gate.pass(
        () => {
          started += 1;
          return probe;
        },
        hubFailure,
        never,
      ),
    );
    await settle();
    expect(started).toBe(0);
    await clock.advance(gate.delayMs);
    expect(started).toBe(1);
    answer();
    await settle();
    expect(started).toBe(5);
    await Promise.all(calls);
  });

  it('keeps away for at least what Retry-After says', async () => {
    const { gate } = gateWithClock();
    await fail(gate, unreachable(120_000));
    expect(gate.delayMs).toBe(120_000);
  });

  it('does not hold the hub responsible for an error that is not its own', async () => {
    const { gate } = gateWithClock();
    await fail(gate, new Error('a blob is gone'));
    await fail(gate, new HubCallError({ failure: 'refused', message: 'gone', status: 410, retryable: false }));
    expect(gate.failing).toBe(false);
  });

  it('gives up waiting when it is told to stop', async () => {
    const { gate } = gateWithClock();
    await fail(gate);
    const abort = new AbortController();
    const waiting = gate.pass(() => Promise.resolve(), hubFailure, abort.signal);
    abort.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'shutdown' });
  });
});
