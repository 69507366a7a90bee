import { spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Message, type MessageBus, sessionBus, Variant } from '@jellybrick/dbus-next';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LinuxBusReader } from '../../../../main/agent/limits/readers/linux-bus-reader.ts';
import { SystemBus, systemBusAddress } from '../../../../main/agent/limits/readers/system-bus.ts';
import { ManualClock } from '../../../fakes/manual-clock.ts';

const DAEMON = '/usr/bin/dbus-daemon';

/** A message bus of this test's own, with its socket in the folder. */
async function startBus(
  folder = mkdtempSync(join(tmpdir(), 'legwork-bus-')),
): Promise<{ address: string; folder: string; stop: () => void }> {
  mkdirSync(folder, { recursive: true });
  const address = `unix:path=${join(folder, 'socket')}`;
  const daemon = spawn(DAEMON, ['--session', '--nofork', '--print-address', `--address=${address}`], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const stop = (): void => {
    daemon.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  onTestFinished(stop);
  await new Promise((resolve) => daemon.stdout.once('data', resolve));
  return { address, folder, stop };
}

/** Puts an object with these properties on the bus, as the service would. */
async function serve(
  address: string,
  service: { name: string; path: string; interface: string },
  properties: Record<string, { signature: string; value: unknown }>,
): Promise<void> {
  const bus: MessageBus = sessionBus({ busAddress: address });
  // A test may stop the bus; the package's types leave this event out.
  (bus as EventEmitter).on('error', () => undefined);
  onTestFinished(() => bus.disconnect());
  bus.addMethodHandler((message) => {
    const property = properties[String(message.body[1])];
    const isKnown = message.path === service.path && message.body[0] === service.interface;
    if (message.member !== 'Get' || !isKnown || property === undefined) return false;
    bus.send(Message.newMethodReturn(message, 'v', [new Variant(property.signature, property.value)]));
    return true;
  });
  await bus.requestName(service.name, 0);
}

const NETWORK_MANAGER = {
  name: 'org.freedesktop.NetworkManager',
  path: '/org/freedesktop/NetworkManager',
  interface: 'org.freedesktop.NetworkManager',
};
const LOGIN = {
  name: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.login1.Manager',
};

/** A reader whose calls have all the time that they need: its clock stands still, at the present time. */
function readerAt(address: string, clock = new ManualClock(Date.now())): LinuxBusReader {
  const reader = new LinuxBusReader(new SystemBus(address, clock), clock);
  onTestFinished(() => reader.close());
  return reader;
}

/** Lets the time go on until the promise has settled. */
async function whileTimePasses<Value>(clock: ManualClock, promise: Promise<Value>): Promise<Value> {
  const end = promise.then((value) => ({ value }));
  for (;;) {
    await clock.advance(100);
    const settled = await Promise.race([end, pause(5, null)]);
    if (settled !== null) return settled.value;
  }
}

describe.runIf(existsSync(DAEMON))('what services tell over the bus', () => {
  it.each([
    [0, null],
    [1, true],
    [2, false],
    [3, true],
    [4, false],
  ])('NetworkManager says %d: metered is %s', async (value, metered) => {
    const { address } = await startBus();
    await serve(address, NETWORK_MANAGER, { Metered: { signature: 'u', value } });
    expect(await readerAt(address).read()).toEqual({ metered });
  });

  it('logind says since when nobody is there', async () => {
    const { address } = await startBus();
    const clock = new ManualClock(Date.now());
    const sinceMs = clock.nowMs() - 600_000;
    await serve(address, LOGIN, {
      IdleHint: { signature: 'b', value: true },
      IdleSinceHint: { signature: 't', value: BigInt(sinceMs) * 1_000n },
    });
    const reader = readerAt(address, clock);
    expect((await reader.read()).idleMs).toBe(600_000);
    await clock.advance(5_000);
    expect((await reader.read()).idleMs).toBe(605_000);
  });

  it('logind says that somebody is there', async () => {
    const { address } = await startBus();
    await serve(address, LOGIN, {
      IdleHint: { signature: 'b', value: false },
      IdleSinceHint: { signature: 't', value: 0n },
    });
    expect((await readerAt(address).read()).idleMs).toBe(0);
  });

  it('nothing is known while neither service is there', async () => {
    const { address } = await startBus();
    expect(await readerAt(address).read()).toEqual({ metered: null });
  });

  it('a bus that goes away is asked again some time later', async () => {
    const { address, folder, stop } = await startBus();
    await serve(address, NETWORK_MANAGER, { Metered: { signature: 'u', value: 2 } });
    const clock = new ManualClock();
    const reader = readerAt(address, clock);
    expect((await reader.read()).metered).toBe(false);
    stop();
    await clock.advance(10_000);
    expect((await whileTimePasses(clock, reader.read())).metered).toBeNull();
    await startBus(folder);
    await serve(address, NETWORK_MANAGER, { Metered: { signature: 'u', value: 2 } });
    await clock.advance(10_000);
    expect((await reader.read()).metered).toBeNull();
    await clock.advance(60_000);
    expect((await reader.read()).metered).toBe(false);
  });
});

describe('without a bus', () => {
  it('nothing is known, and nothing breaks', async () => {
    expect(await readerAt('unix:path=/nowhere/bus').read()).toEqual({ metered: null });
  });

  it('the address is that of the environment, where it names one', () => {
    expect(systemBusAddress({ DBUS_SYSTEM_BUS_ADDRESS: 'unix:path=/tmp/x' })).toBe('unix:path=/tmp/x');
  });
});
