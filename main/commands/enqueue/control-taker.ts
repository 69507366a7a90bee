import { randomUUID } from 'node:crypto';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { CONTROL_CALLS } from '../../agent/control-api/call-definitions.ts';
import { CommandError } from '../command-error.ts';
import { openControlClient } from '../control-client.ts';
import type { TaskTaker } from '../enqueue-command.ts';

const MOST_TASKS = 100;

/**
 * Gives tasks to the running agent over its control API.
 * @param store takes them when the agent does not answer, and says how they stand
 * @returns null when the API is off
 */
export async function openControlTaker(config: AgentConfig, store: TaskTaker): Promise<TaskTaker | null> {
  const client = await openControlClient(config).catch(() => null);
  if (client === null) return null;
  return {
    ...store,
    async enqueue(tasks) {
      // All or none: more than one call takes go into the store at once.
      if (tasks.length > MOST_TASKS) return store.enqueue(tasks);
      // Whether a call that was not answered has been carried out, nobody knows: with its key a task is made once.
      const keyed = tasks.map((task) => ({ ...task, uniqueKey: randomUUID() }));
      try {
        const answer = await client.call(CONTROL_CALLS.enqueue, { tasks: keyed });
        return answer.tasks.map(({ id }) => id);
      } catch (error) {
        if (!(error instanceof CommandError) || error.exit !== 'agentUnreachable') throw error;
        return store.enqueue(keyed);
      }
    },
  };
}
