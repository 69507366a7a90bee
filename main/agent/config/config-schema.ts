import { availableParallelism, homedir } from 'node:os';
import { isAbsolute, resolve } from 'node:path';
import { z } from 'zod';
import { workerSecret } from '../../protocol/enrolment.ts';
import { identifier } from '../../protocol/fields.ts';
import { controlSettings } from './control-settings.ts';
import { isPlainHttpToNetwork, normaliseHubUrl } from './hub-url.ts';
import { limitSettings } from './limit-settings.ts';
import { networkSettings } from './network-settings.ts';
import { defaultDataFolder, defaultMaxConcurrentTasks, type MachineFacts } from './machine-defaults.ts';
import { politenessSettings } from './politeness-settings.ts';
import { choice, optionalText, type SettingMeta, textWithDefault, toggle, wholeNumber } from './setting.ts';
import { taskSettings } from './task-settings.ts';

const MEBIBYTE = 1024 ** 2;
const GIBIBYTE = 1024 ** 3;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LARGEST_BYTES = 1024 * GIBIBYTE;

function thisMachine(): MachineFacts {
  return {
    platform: process.platform,
    homeFolder: homedir(),
    cpuCount: availableParallelism(),
    environment: process.env,
  };
}

const hubAddress = z.string().transform((text, context) => {
  const normalised = normaliseHubUrl(text);
  if (normalised === null) context.addIssue({ code: 'custom', message: 'not a base URL' });
  return normalised ?? text;
});

/** What comes from there is run here: nobody on the way may change it. */
const mirrorAddress = z
  .string()
  .refine((text) => normaliseHubUrl(text) !== null && !isPlainHttpToNetwork(text), 'not an https URL')
  .transform((text) => text.replace(/\/+$/, ''));

const filePath = z
  .string()
  .min(1)
  .refine((path) => isAbsolute(path), 'must be absolute');
const folderPath = z
  .string()
  .min(1)
  .transform((path) => resolve(path));

/**
 * All settings of an agent: the only definition of their names, defaults, limits, environment variables and flags.
 * Times are in the unit that the name says, sizes in bytes. Unknown keys are refused.
 */
export const configSchema = z.strictObject({
  hubUrl: optionalText(
    {
      description: 'Address of the hub. Without one the agent only does tasks of this machine.',
      environment: 'LARAVEL_INTERNAL_URL',
      flag: '--hub',
    },
    hubAddress,
    'an http(s) URL without user, query and fragment, such as https://hub.example.org',
  ),
  workerId: optionalText(
    {
      description: 'Name under which the hub knows this agent; stored by `legwork enrol`.',
      environment: 'WORKER_ID',
      flag: '--worker-id',
    },
    identifier,
    '1 to 128 letters, digits or . _ : -',
  ),
  secret: optionalText(
    {
      description: 'Secret that the hub and this agent share; stored by `legwork enrol`.',
      environment: 'LOCALBROWSER_SECRET',
      flag: '',
    },
    workerSecret,
    '16 to 256 characters',
    true,
  ),
  dataFolder: textWithDefault(
    {
      description: 'Folder of the database, results that wait for delivery, the secret and the log.',
      environment: 'LEGWORK_DATA_FOLDER',
      flag: '--data',
    },
    folderPath,
    'the path of a folder',
    () => defaultDataFolder(thisMachine()),
  ),
  label: textWithDefault(
    {
      description: 'What the host calls this machine; shown at the hub.',
      environment: 'LEGWORK_LABEL',
      flag: '--label',
    },
    z.string().max(100),
    'a text of at most 100 characters',
    () => '',
  ),
  taskProcessorEnabled: toggle(
    {
      description: 'Whether tasks are executed; off, the agent only delivers finished results.',
      environment: 'ENABLE_TASK_PROCESSOR',
      flag: '--task-processor',
    },
    true,
  ),
  maxConcurrentTasks: wholeNumber(
    {
      description: 'Pages that are rendered side by side. Default: cores + 1, at most 6.',
      environment: 'MAX_CONCURRENT_TASKS',
      flag: '--max-concurrent-tasks',
    },
    { minimum: 1, maximum: 32, fallback: () => defaultMaxConcurrentTasks(availableParallelism()) },
  ),
  stuckTaskCheckIntervalMs: wholeNumber(
    {
      description: 'How often to look for tasks that hang.',
      environment: 'STUCK_TASK_CHECK_INTERVAL_MS',
      flag: '--stuck-task-check-interval-ms',
    },
    { minimum: 1_000, maximum: DAY_MS, unit: 'milliseconds', fallback: MINUTE_MS },
  ),
  stuckTaskThresholdMinutes: wholeNumber(
    {
      description: 'A task that has been processing for longer than this and that nobody executes is taken back.',
      environment: 'STUCK_TASK_THRESHOLD_MINUTES',
      flag: '--stuck-task-threshold-minutes',
    },
    { minimum: 1, maximum: 10_080, unit: 'minutes', fallback: 30 },
  ),
  taskCleanupIntervalMs: wholeNumber(
    {
      description: 'How often old history is removed.',
      environment: 'TASK_CLEANUP_INTERVAL_MS',
      flag: '--task-cleanup-interval-ms',
    },
    { minimum: 1_000, maximum: 7 * DAY_MS, unit: 'milliseconds', fallback: HOUR_MS },
  ),
  taskCleanupDays: wholeNumber(
    {
      description: 'Finished and delivered tasks are kept for this long.',
      environment: 'TASK_CLEANUP_DAYS',
      flag: '--task-cleanup-days',
    },
    { minimum: 1, maximum: 3_650, unit: 'days', fallback: 30 },
  ),
  hmacDebug: toggle(
    {
      description: 'Log what is signed (never the secret or the signature). Only with NODE_ENV=development.',
      environment: 'HMAC_DEBUG',
      flag: '--hmac-debug',
    },
    false,
  ),
  allowPlainHttp: toggle(
    {
      description: 'Accept a hub with http: that is not on this machine. Anyone on the way can then read the work.',
      environment: 'LEGWORK_ALLOW_PLAIN_HTTP',
      flag: '--allow-plain-http',
    },
    false,
  ),
  chromiumPath: optionalText(
    {
      description: 'The Chromium, Chrome or Edge to use. Default: the first that is found.',
      environment: 'LEGWORK_CHROMIUM_PATH',
      flag: '--chromium',
    },
    filePath,
    'an absolute path of a program',
  ),
  headlessShellPath: optionalText(
    {
      description: 'The Chromium headless shell to use. Default: the first that is found.',
      environment: 'LEGWORK_HEADLESS_SHELL_PATH',
      flag: '--headless-shell',
    },
    filePath,
    'an absolute path of a program',
  ),
  browserMirror: optionalText(
    {
      description:
        'Where browsers are downloaded from, in place of Google: builds of Chrome for Testing, and ' +
        '`last-known-good-versions.json`.',
      environment: 'LEGWORK_BROWSER_MIRROR',
      flag: '--browser-mirror',
    },
    mirrorAddress,
    'an https URL without user, query and fragment (http only to this machine)',
  ),
  allowNoSandbox: toggle(
    {
      description:
        "Work without Chromium's own sandbox where it cannot be had (root, containers without user namespaces). " +
        'Otherwise the agent does not start there.',
      environment: 'LEGWORK_ALLOW_NO_SANDBOX',
      flag: '--allow-no-sandbox',
    },
    false,
  ),
  ...networkSettings,
  ...taskSettings,
  drainLimitMs: wholeNumber(
    {
      description: 'How long a stop waits for running tasks.',
      environment: 'LEGWORK_DRAIN_LIMIT_MS',
      flag: '--drain-limit-ms',
    },
    { minimum: 0, maximum: HOUR_MS, unit: 'milliseconds', fallback: MINUTE_MS },
  ),
  waitSeconds: wholeNumber(
    {
      description: 'How long the hub may hold a request for work open when there is none.',
      environment: 'LEGWORK_WAIT_SECONDS',
      flag: '--wait-seconds',
    },
    { minimum: 0, maximum: 50, unit: 'seconds', fallback: 50 },
  ),
  taskHostMemoryLimitBytes: wholeNumber(
    {
      description: 'The task host with its browsers is restarted above this.',
      environment: 'LEGWORK_TASK_HOST_MEMORY_LIMIT_BYTES',
      flag: '--task-host-memory-limit-bytes',
    },
    { minimum: 512 * MEBIBYTE, maximum: LARGEST_BYTES, unit: 'bytes', fallback: 4 * GIBIBYTE },
  ),
  minimumFreeDiskBytes: wholeNumber(
    {
      description: 'No task is started while less than this is free on the disk of the data folder.',
      environment: 'LEGWORK_MINIMUM_FREE_DISK_BYTES',
      flag: '--minimum-free-disk-bytes',
    },
    { minimum: 0, maximum: LARGEST_BYTES, unit: 'bytes', fallback: 500 * MEBIBYTE },
  ),
  recycleAfterPages: wholeNumber(
    {
      description: 'A browser is replaced after this many pages.',
      environment: 'LEGWORK_RECYCLE_AFTER_PAGES',
      flag: '--recycle-after-pages',
    },
    { minimum: 1, maximum: 1_000_000, unit: 'pages', fallback: 500 },
  ),
  recycleAfterMs: wholeNumber(
    {
      description: 'A browser is replaced after this time.',
      environment: 'LEGWORK_RECYCLE_AFTER_MS',
      flag: '--recycle-after-ms',
    },
    { minimum: 10_000, maximum: 7 * DAY_MS, unit: 'milliseconds', fallback: HOUR_MS },
  ),
  recycleMemoryBytes: wholeNumber(
    {
      description: 'A browser is replaced when it uses more memory than this.',
      environment: 'LEGWORK_RECYCLE_MEMORY_BYTES',
      flag: '--recycle-memory-bytes',
    },
    { minimum: 256 * MEBIBYTE, maximum: LARGEST_BYTES, unit: 'bytes', fallback: 1536 * MEBIBYTE },
  ),
  maxStoreBytes: wholeNumber(
    {
      description: 'Delivered history beyond this size is removed, the oldest first.',
      environment: 'LEGWORK_MAX_STORE_BYTES',
      flag: '--max-store-bytes',
    },
    { minimum: 50 * MEBIBYTE, maximum: LARGEST_BYTES, unit: 'bytes', fallback: 5 * GIBIBYTE },
  ),
  deliveryMaxDays: wholeNumber(
    {
      description: 'How long the delivery of a result is tried before it is given up.',
      environment: 'LEGWORK_DELIVERY_MAX_DAYS',
      flag: '--delivery-max-days',
    },
    { minimum: 1, maximum: 365, unit: 'days', fallback: 14 },
  ),
  ...limitSettings,
  logLevel: choice(
    {
      description: 'The least important lines that are logged.',
      environment: 'LEGWORK_LOG_LEVEL',
      flag: '--log-level',
    },
    ['debug', 'info', 'warn', 'error'],
    'info',
  ),
  ...politenessSettings,
  ...controlSettings,
});

/** The configuration of an agent, checked and complete. */
export type AgentConfig = z.infer<typeof configSchema>;
export type AgentConfigKey = keyof AgentConfig;

/** The names of all settings in the order in which they are printed and documented. */
export const CONFIG_KEYS = Object.keys(configSchema.shape) as AgentConfigKey[];

/** What is known of a setting beside its value. */
export function settingMeta(key: AgentConfigKey): SettingMeta {
  return configSchema.shape[key].meta() as unknown as SettingMeta;
}
