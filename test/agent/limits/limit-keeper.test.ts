import { expect, it, onTestFinished } from 'vitest';
import { configSchema, type AgentConfig } from '../../../main/agent/config/config-schema.ts';
import { LimitKeeper } from '../../../main/agent/limits/limit-keeper.ts';
import type { MachineReadings, ReadingScope } from '../../../main/agent/limits/machine-readings.ts';
import type { UsageAmounts } from '../../../main/agent/usage/usage-amounts.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { CALM, NO_USAGE, SUNDAY_NOON_MS } from './limit-fixture.ts';

interface World {
  keeper: LimitKeeper;
  clock: ManualClock;
  readings: Partial<MachineReadings>;
  config: AgentConfig;
  heard: string[];
  used: UsageAmounts;
  finishing: number;
  running: number;
  /** What the machine has been asked for. */
  scopes: (ReadingScope | undefined)[];
}

async function startKeeper(settings: Record<string, unknown> = {}): Promise<World> {
  const clock = new ManualClock(SUNDAY_NOON_MS);
  const config = configSchema.parse({ maxConcurrentTasks: 4, ...settings });
  const world: Omit<World, 'keeper'> = {
    clock,
    readings: { ...CALM },
    config,
    heard: [],
    used: { ...NO_USAGE.totals },
    finishing: 0,
    running: 1,
    scopes: [],
  };
  const keeper = new LimitKeeper({
    config,
    reader: {
      read: (scope) => {
        world.scopes.push(scope);
        const { cpuOwnShare: _own, memoryOwnBytes: _memory, ...ofMachine } = world.readings;
        return Promise.resolve(scope === 'resting' ? ofMachine : world.readings);
      },
      close: () => world.heard.push('closed'),
    },
    usage: () => ({
      ...NO_USAGE,
      totals: world.used,
      quota: { tasks: config.monthlyTaskQuota || null, browserTimeMs: null, bytes: null },
    }),
    running: () => world.running,
    finishing: () => world.finishing,
    onChange: (verdict) => {
      if (verdict === null) world.heard.push(`side by side: ${keeper.concurrency.now}`);
      else world.heard.push(verdict.mayWork ? 'may work' : verdict.reasons.map(({ rule }) => rule).join('+'));
    },
    onGraceOver: () => world.heard.push('grace over'),
    cpuCount: 4,
    timeZone: () => 'Europe/Berlin',
    clock,
    log: new RecordingLog(),
  });
  await keeper.start();
  onTestFinished(async () => {
    const stopped = keeper.stop();
    await clock.advance(10_000);
    await stopped;
  });
  return Object.assign(world, { keeper });
}

/** Lets so much time pass, as the keeper sees it. */
async function pass(clock: ManualClock, seconds: number): Promise<void> {
  for (let passed = 0; passed < seconds; passed += 2) await clock.advance(2_000);
}

it('gives running tasks the grace time, once, and only while the reason lasts', async () => {
  const { keeper, clock, readings, heard } = await startKeeper({ limitGraceSeconds: 20 });
  readings.metered = true;
  await pass(clock, 2);
  expect(keeper.verdict.mayWork).toBe(false);
  await pass(clock, 16);
  readings.metered = false;
  await pass(clock, 2);
  readings.metered = true;
  // It has been forbidden all the time, since it settles for longer than that.
  await pass(clock, 40);
  expect(heard).toEqual(['metered', 'grace over']);
  readings.metered = false;
  await pass(clock, 40);
  readings.metered = true;
  await pass(clock, 30);
  expect(heard).toEqual(['metered', 'grace over', 'may work', 'metered', 'grace over']);
});

it('interrupts nothing when work may go on within the grace time', async () => {
  const { clock, readings, heard } = await startKeeper({ workWhenIdleMinutes: 1, limitGraceSeconds: 20 });
  readings.idleMs = 0;
  await pass(clock, 10);
  readings.idleMs = 60_000;
  await pass(clock, 60);
  expect(heard).toEqual(['idle', 'may work']);
});

it('lets what runs go on when a quota is reached, and starts no more than is left of it', async () => {
  const { keeper, clock, used, heard } = await startKeeper({ monthlyTaskQuota: 10, limitGraceSeconds: 0 });
  used.tasks = 8;
  expect(keeper.maxConcurrent()).toBe(2);
  used.tasks = 10;
  keeper.decide();
  await pass(clock, 60);
  expect(heard).toEqual(['quota_tasks']);
  expect(keeper.maxConcurrent()).toBe(0);
});

it('counts tasks whose result is being written against the quota', async () => {
  const world = await startKeeper({ monthlyTaskQuota: 10 });
  world.used.tasks = 8;
  world.finishing = 1;
  expect(world.keeper.maxConcurrent()).toBe(1);
});

it('averages its own use of the processors, so that a peak does not stop it and a rest ends', async () => {
  const { keeper, clock, readings, config } = await startKeeper({ maxCpuPercent: 25, maxConcurrentTasks: 1 });
  Object.assign(readings, { cpuBusyShare: 0.9, cpuOwnShare: 0.9 });
  await pass(clock, 4);
  expect(keeper.verdict.mayWork).toBe(true);
  await pass(clock, 30);
  expect(keeper.verdict.reasons.map(({ rule }) => rule)).toEqual(['cpu']);
  expect(keeper.isShortRest).toBe(true);
  Object.assign(readings, { cpuBusyShare: 0, cpuOwnShare: 0 });
  await pass(clock, 60);
  expect(keeper.verdict.mayWork).toBe(true);
  config.maxCpuPercent = 100;
});

it('takes a changed setting up at once', async () => {
  const { keeper, config, heard } = await startKeeper();
  config.workHours = 'Mon 08:00-09:00';
  config.maxConcurrentTasks = 7;
  keeper.decide();
  expect(keeper.verdict.reasons.map(({ rule }) => rule)).toEqual(['hours']);
  expect(keeper.concurrency).toEqual({ now: 7, max: 7, reason: null });
  expect(heard).toEqual(['hours', 'side by side: 7']);
});

it('runs as many side by side as it is told when it is not to adapt', async () => {
  const { keeper, clock, readings } = await startKeeper({ adaptiveConcurrency: false });
  Object.assign(readings, { cpuBusyShare: 1, cpuOwnShare: 0, cpuPressure: 1, memoryAvailableBytes: 0.6e9 });
  await pass(clock, 20);
  expect(keeper.concurrency).toEqual({ now: 4, max: 4, reason: null });
});

it('says why it runs fewer, and goes on when the machine cannot be read', async () => {
  const { keeper, clock, readings } = await startKeeper();
  Object.assign(readings, { cpuBusyShare: 1, cpuOwnShare: 0.1, cpuPressure: 1 });
  await pass(clock, 2);
  expect(keeper.concurrency).toEqual({ now: 1, max: 4, reason: 'the machine is busy' });
  for (const name of Object.keys(readings)) delete readings[name as keyof MachineReadings];
  await pass(clock, 60);
  expect(keeper.concurrency).toEqual({ now: 4, max: 4, reason: null });
  expect(keeper.verdict.mayWork).toBe(true);
});

it('looks at its own use once a minute while nothing runs, and knows it all the same', async () => {
  const world = await startKeeper();
  const { keeper, clock, readings, scopes } = world;
  Object.assign(readings, { cpuOwnShare: 0.01, memoryOwnBytes: 4e8 });
  await pass(clock, 2);
  world.running = 0;
  scopes.length = 0;
  readings.memoryOwnBytes = 5e8;
  await pass(clock, 42);
  expect(new Set(scopes)).toEqual(new Set(['resting']));
  expect(keeper.readings).toMatchObject({ cpuOwnShare: 0.01, memoryOwnBytes: 4e8 });
  await pass(clock, 20);
  expect(scopes).toContain('all');
  expect(keeper.readings.memoryOwnBytes).toBe(5e8);
});

it('keeps looking at its own use until the rest that it was sent to has an end', async () => {
  const world = await startKeeper({ maxCpuPercent: 20, adaptiveConcurrency: false });
  const { keeper, clock, readings } = world;
  readings.cpuOwnShare = 0.9;
  await pass(clock, 40);
  expect(keeper.verdict.reasons.map(({ rule }) => rule)).toEqual(['cpu']);
  world.running = 0;
  readings.cpuOwnShare = 0;
  await pass(clock, 40);
  expect(keeper.verdict.mayWork).toBe(true);
});
