import { ConfigurationError } from '../agent/config/configuration-error.ts';
import { taskDefinitions } from '../browser/tasks/registry.ts';
import { TaskCatalogue } from '../protocol/task-type.ts';

/**
 * The task types of this machine's agent, without those that the host has switched off, and none with more time than the
 * host allows.
 * @throws ConfigurationError for a name that is no task type: a slip would leave on what the host wants off
 */
export function agentCatalogue(config: {
  readonly disabledTaskTypes: readonly string[];
  readonly maxTaskMs: number;
}): TaskCatalogue {
  const known = taskDefinitions.map(({ name }) => name);
  const wrong = config.disabledTaskTypes.filter((name) => !known.includes(name));
  if (wrong.length > 0) {
    throw new ConfigurationError(
      wrong.map((name) => `disabledTaskTypes: there is no task type ${name}; known are ${known.join(', ')}.`),
    );
  }
  const types = taskDefinitions.map((definition) => ({
    ...definition,
    deadlineMs: (payload: Parameters<typeof definition.deadlineMs>[0]) =>
      Math.min(definition.deadlineMs(payload), config.maxTaskMs),
  }));
  return new TaskCatalogue(types, config.disabledTaskTypes);
}
