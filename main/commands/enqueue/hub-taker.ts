import { randomUUID } from 'node:crypto';
import type { TaskTaker } from '../enqueue-command.ts';
import { createJobs, readJob } from '../operator-api.ts';
import { OperatorClient } from '../operator-client.ts';
import { operatorAccess } from '../operator-options.ts';

/** Gives tasks to a hub, as jobs. */
export function openHubTaker(options: Record<string, unknown>): TaskTaker {
  const client = new OperatorClient(operatorAccess(options));
  return {
    async enqueue(tasks) {
      return (await createJobs(client, tasks, randomUUID())).map(({ id }) => id);
    },
    async read(id) {
      const { payload, status, error } = await readJob(client, id);
      const text = error === null ? null : `${error.code}: ${error.message}`;
      return { id, url: typeof payload['url'] === 'string' ? payload['url'] : '', status, error: text };
    },
    close: () => undefined,
  };
}
