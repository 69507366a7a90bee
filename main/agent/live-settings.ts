import { configSchema, settingMeta, type AgentConfig, type AgentConfigKey } from './config/config-schema.ts';
import { ConfigurationError } from './config/configuration-error.ts';
import { limitSettings } from './config/limit-settings.ts';
import { networkSettings } from './config/network-settings.ts';
import { politenessSettings } from './config/politeness-settings.ts';
import { taskTypeProblems } from './config/task-type-problems.ts';

/** Settings that apply at once when they are changed in a running agent; the others apply at its next start. */
export const LIVE_SETTING_KEYS: readonly AgentConfigKey[] = [
  ...(Object.keys(limitSettings) as (keyof typeof limitSettings)[]),
  ...(Object.keys(networkSettings) as (keyof typeof networkSettings)[]),
  'disabledTaskTypes',
  'maxTaskMs',
  'maxDocumentBytes',
  'maxPageBytes',
  'maxPageRequests',
  ...(Object.keys(politenessSettings) as (keyof typeof politenessSettings)[]),
  'maxConcurrentTasks',
  'stuckTaskThresholdMinutes',
  'taskCleanupDays',
  'maxStoreBytes',
  'deliveryMaxDays',
  'minimumFreeDiskBytes',
  'drainLimitMs',
  'recycleAfterPages',
  'recycleAfterMs',
  'recycleMemoryBytes',
];

/**
 * Checks values for settings of a running agent.
 * @param values by name of the setting; undefined stands for the default
 * @param taskTypes the names of all task types, switched off or not
 * @throws ConfigurationError with a line for each wrong value, unknown setting, and setting that needs a new start
 */
export function checkLiveSettings(
  values: Readonly<Record<string, unknown>>,
  taskTypes: readonly string[],
): Partial<AgentConfig> {
  const problems: string[] = [];
  const checked: Partial<AgentConfig> = {};
  for (const [name, value] of Object.entries(values)) {
    const key = LIVE_SETTING_KEYS.find((live) => live === name);
    if (key === undefined) {
      const isKnown = Object.hasOwn(configSchema.shape, name);
      problems.push(isKnown ? `${name}: it applies at the next start only.` : `${name}: there is no such setting.`);
      continue;
    }
    const parsed = configSchema.shape[key].safeParse(value);
    if (parsed.success) Object.assign(checked, { [key]: parsed.data });
    else problems.push(`${name}: it must be ${settingMeta(key).allowed}.`);
  }
  problems.push(...taskTypeProblems(checked.disabledTaskTypes ?? [], taskTypes));
  if (problems.length > 0) throw new ConfigurationError(problems);
  return checked;
}
