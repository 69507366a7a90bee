import type { SettingDescription } from '../../../preload/contract.ts';

type Schema = SettingDescription['schema'];

function setting(
  key: string,
  description: string,
  value: unknown,
  schema: Schema,
  more: Partial<SettingDescription> = {},
) {
  const made: SettingDescription = {
    key,
    description,
    value,
    fallback: value,
    schema,
    source: 'default',
    applies: 'now',
    ...more,
  };
  return made;
}

function whole(minimum: number, maximum: number): Schema {
  return { type: 'integer', minimum, maximum };
}

const SWITCH: Schema = { type: 'boolean' };
const TEXT: Schema = { type: 'string', maxLength: 1_000 };
const TEXTS: Schema = { type: 'array', items: { type: 'string' }, maxItems: 500 };

/** Settings as an agent describes them: one of each kind, and one that the environment sets. */
export function sceneSettings(): SettingDescription[] {
  return [
    setting(
      'hubUrl',
      'Address of the hub. Without one the agent only does tasks of this machine.',
      'https://hub.example.org',
      {
        anyOf: [{ type: 'string' }, { type: 'null' }],
      },
      { source: 'enrolment', applies: 'restart' },
    ),
    setting('label', 'What the host calls this machine; shown at the hub.', 'Study', {
      type: 'string',
      maxLength: 100,
    }),
    setting('maxConcurrentTasks', 'Pages that are rendered side by side.', 3, whole(1, 32)),
    setting('workHours', 'Hours of the week in which work is done. Empty: always.', '', TEXT),
    setting(
      'workWhenIdleMinutes',
      'Work only when nobody has used this machine for so long; 0: also while it is used.',
      0,
      whole(0, 1_440),
    ),
    setting('workOnMainsOnly', 'Work only on mains power.', false, SWITCH),
    setting('minimumBatteryPercent', 'On battery, work only above this charge.', 30, whole(0, 100)),
    setting('workOnMetered', 'Work also on a network connection that is paid for by volume.', false, SWITCH),
    setting('workDuringFullScreen', 'Work also while a program fills the screen.', false, SWITCH),
    setting('maxCpuPercent', 'Share of all processors together that Legwork may use.', 100, whole(1, 100)),
    setting('adaptiveConcurrency', 'Run fewer tasks side by side while other programs need the machine.', true, SWITCH),
    setting(
      'monthlyTrafficQuotaBytes',
      'What tasks may load and send in a calendar month; 0: any.',
      0,
      whole(0, Number.MAX_SAFE_INTEGER),
    ),
    setting('disabledTaskTypes', 'Task types that this machine does not do; a hub does not see them.', [], TEXTS),
    setting(
      'blockedHosts',
      'Domains that this machine never visits, with everything below them.',
      ['example.com'],
      TEXTS,
      {
        source: 'file',
        fallback: [],
      },
    ),
    setting('allowedPrivateHosts', 'Hosts and ranges that pages may reach although they are not public.', [], TEXTS),
    setting('taskCleanupDays', 'Finished and delivered tasks are kept for this long.', 30, whole(1, 3_650)),
    setting(
      'maxStoreBytes',
      'Delivered history beyond this size is removed, the oldest first.',
      5_368_709_120,
      whole(52_428_800, 1_099_511_627_776),
    ),
    setting('drainLimitMs', 'How long a stop waits for running tasks.', 60_000, whole(0, 3_600_000)),
    setting('logLevel', 'The least important lines that are logged.', 'info', {
      type: 'string',
      enum: ['debug', 'info', 'warn', 'error'],
    }),
    setting('recycleAfterPages', 'A browser is replaced after this many pages.', 500, whole(1, 1_000_000), {
      source: 'environment',
    }),
    setting(
      'chromiumPath',
      'The Chromium, Chrome or Edge to use. Default: the first that is found.',
      null,
      {
        anyOf: [{ type: 'string' }, { type: 'null' }],
      },
      { applies: 'restart' },
    ),
  ];
}
