import { mkdirSync } from 'node:fs';
import { taskDefinitions } from '../../../main/browser/tasks/registry.ts';
import { startHub } from '../../../main/hub/start-hub.ts';
import { systemClock } from '../../../main/protocol/ports.ts';
import { TaskCatalogue } from '../../../main/protocol/task-type.ts';
import { OPERATOR_KEY, WORKER_ID, WORKER_SECRET } from '../stack.ts';

export interface ShiftedHub {
  url: string;
  secret: string;
  close(): Promise<void>;
}

/** A hub of this process whose clock goes wrong by so much, as that of an agent's machine does seen from the hub. */
export async function startShiftedHub(dataFolder: string, offsetMs: number): Promise<ShiftedHub> {
  mkdirSync(dataFolder, { recursive: true });
  const hub = await startHub({
    dataFolder,
    host: '127.0.0.1',
    port: 0,
    operatorKey: OPERATOR_KEY,
    catalogue: new TaskCatalogue(taskDefinitions),
    clock: { ...systemClock, nowMs: () => systemClock.nowMs() + offsetMs },
    log: { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} },
  });
  hub.registerWorker({ workerId: WORKER_ID, secret: WORKER_SECRET });
  return { url: hub.url, secret: WORKER_SECRET, close: () => hub.close() };
}
