import { afterEach, beforeEach, expect, it } from 'vitest';
import { HubClient } from '../../../main/agent/server/hub-client.ts';
import { HubGate } from '../../../main/agent/server/hub-gate.ts';
import { HubLink } from '../../../main/agent/server/hub-link.ts';
import { NodeHttpTransport } from '../../../main/agent/server/http-transport.ts';
import { WorkLoop, type WorkWish } from '../../../main/agent/server/work-loop.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';
import { leasedTask, SESSION } from '../../hostile/hub/attacks.ts';
import { startSignedServer } from './signed-server.ts';

const SECRET = 'the-secret-of-the-worker-0123456789abcdef';

/** What each request for work asked for, in their order. */
let asked: WorkWish['capacity'][];
let capacity: WorkWish['capacity'];
let clock: ManualClock;
let loop: WorkLoop;
let end: () => Promise<void>;

beforeEach(async () => {
  asked = [];
  capacity = { page: 2, exclusive: 3 };
  clock = new ManualClock(Date.now());
  const server = await startSignedServer(SECRET, ({ pathAndQuery, body }) => {
    if (pathAndQuery !== '/internal/request-work') return { status: 200, body: { ...SESSION, maxWaitSeconds: 50 } };
    const message = JSON.parse(body.toString()) as WorkWish;
    asked.push(message.capacity);
    // Held until the agent gives it up.
    if (message.capacity.page === 0) return { status: 200, raw: () => undefined };
    const tasks = Array.from({ length: message.capacity.page }, () => leasedTask({ url: 'https://example.org/' }));
    return { status: 200, body: { tasks, lostLeases: [], commands: [] } };
  });
  const transport = new NodeHttpTransport(server.origin);
  const log = new RecordingLog();
  const credentials = () => ({ workerId: 'worker-1', secret: SECRET });
  const link = new HubLink({
    client: new HubClient({ transport, credentials, basePath: '', clock, log }),
    gate: new HubGate({ clock, random: () => 0.5 }),
    clock,
    log,
    listener: {
      facts: () => ({
        instanceId: 'instance',
        epoch: 1,
        startId: 'start',
        browsers: [],
        catalogue: new TaskCatalogue([]),
        heldLeases: [],
        unsentResults: [],
      }),
      onState: () => undefined,
      onSession: () => undefined,
      onTasks: (tasks) => {
        capacity = { page: 0, exclusive: 3 };
        return tasks.length;
      },
      onLostLeases: () => undefined,
      onCommand: () => Promise.resolve(),
    },
  });
  const wish = (): WorkWish => ({ capacity, types: [], heldLeases: [], power: { onBattery: null, idle: null } });
  loop = new WorkLoop({ link, wish, capacity: () => capacity, waitSeconds: 50 });
  const stop = new AbortController();
  const running = loop.run(stop.signal);
  end = async () => {
    stop.abort();
    await running;
    transport.close();
    await server.close();
  };
  await until(() => capacity.page === 0);
});
afterEach(() => end());

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await systemClock.sleep(5);
}

it('asks for the next batch as soon as there is room, without a call in between that is given up', async () => {
  capacity = { page: 1, exclusive: 3 };
  loop.wishChanged();
  await until(() => asked.length === 2);
  expect(asked).toEqual([
    { page: 2, exclusive: 3 },
    { page: 1, exclusive: 3 },
  ]);
});

it('listens when no room comes for half a second, and gives that up for room', async () => {
  await clock.advance(499);
  await systemClock.sleep(50);
  expect(asked).toHaveLength(1);
  await clock.advance(1);
  await until(() => asked.length === 2);
  expect(asked[1]).toEqual({ page: 0, exclusive: 3 });
  capacity = { page: 2, exclusive: 3 };
  loop.wishChanged();
  await until(() => asked.length === 3);
  expect(asked[2]).toEqual({ page: 2, exclusive: 3 });
});
