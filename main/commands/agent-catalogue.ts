import { ConfigurationError } from '../agent/config/configuration-error.ts';
import { taskTypeProblems } from '../agent/config/task-type-problems.ts';
import { taskDefinitions } from '../browser/tasks/registry.ts';
import { TaskCatalogue } from '../protocol/task-type.ts';

/**
 * The task types of this machine's agent, without those that the host has switched off.
 * @throws ConfigurationError for a name that is no task type
 */
export function agentCatalogue(config: { readonly disabledTaskTypes: readonly string[] }): TaskCatalogue {
  const catalogue = new TaskCatalogue(taskDefinitions, config.disabledTaskTypes);
  const problems = taskTypeProblems(config.disabledTaskTypes, catalogue.names());
  if (problems.length > 0) throw new ConfigurationError(problems);
  return catalogue;
}
