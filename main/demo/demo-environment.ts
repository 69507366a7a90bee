import { CONFIG_KEYS, settingMeta } from '../agent/config/config-schema.ts';

/** Settings of the user that the demo's agent keeps: how this machine's browser is found, started and let out. */
const KEPT = new Set([
  'chromiumPath',
  'headlessShellPath',
  'blockedHosts',
  'upstreamProxy',
  'allowNoSandbox',
  'maxConcurrentTasks',
]);

const ALLOWED_VARIABLE = settingMeta('allowedPrivateHosts').environment;

/**
 * The environment of the demo's hub and agent: the user's own, without the settings of a real agent, which would send
 * the demo's work to a real hub or into a real database.
 */
export function demoEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
  demo: {
    hubUrl?: string;
    workerId: string;
    secret: string;
    operatorKey?: string;
    dataFolder?: string;
    /** Where Chromium cannot have its sandbox, it goes without: for pages that come with Legwork. */
    allowNoSandbox?: boolean;
    /** Hosts of this machine that the pages are on. */
    allowedPrivateHosts?: readonly string[];
  },
): NodeJS.ProcessEnv {
  const removed = new Set(CONFIG_KEYS.filter((key) => !KEPT.has(key)).map((key) => settingMeta(key).environment));
  const kept = Object.entries(environment).filter(([name]) => !removed.has(name) && name !== 'LEGWORK_OPERATOR_KEY');
  const allowed = [environment[ALLOWED_VARIABLE] ?? '', ...(demo.allowedPrivateHosts ?? [])].filter(Boolean);
  return {
    ...Object.fromEntries(kept),
    WORKER_ID: demo.workerId,
    LOCALBROWSER_SECRET: demo.secret,
    // All of its pages are on one site, its own.
    LEGWORK_SITE_CONCURRENCY: '32',
    // A short show of what this machine can do, at the wish of who sits before it.
    LEGWORK_ADAPTIVE_CONCURRENCY: 'false',
    LEGWORK_BACKGROUND_PRIORITY: 'false',
    ...(demo.hubUrl === undefined ? {} : { LARAVEL_INTERNAL_URL: demo.hubUrl }),
    ...(demo.operatorKey === undefined ? {} : { LEGWORK_OPERATOR_KEY: demo.operatorKey }),
    ...(demo.dataFolder === undefined ? {} : { LEGWORK_DATA_FOLDER: demo.dataFolder }),
    ...(allowed.length === 0 ? {} : { [ALLOWED_VARIABLE]: allowed.join(',') }),
    ...(demo.allowNoSandbox === true ? { LEGWORK_ALLOW_NO_SANDBOX: 'true' } : {}),
  };
}
