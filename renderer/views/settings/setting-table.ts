import { keyLabel } from '../../format/words.ts';

export type SettingsSection = 'server' | 'limits' | 'storage' | 'privacy' | 'advanced';

interface KnownSetting {
  section: SettingsSection;
  label: string;
  /** The heading that it stands under. */
  group: string;
}

function known(section: SettingsSection, group: string, label: string): KnownSetting {
  return { section, group, label };
}

/** Where settings stand that most people look for, in order. What is not here stands under Advanced. */
const KNOWN: Record<string, KnownSetting> = {
  label: known('server', 'This machine', 'Name of this machine'),
  maxConcurrentTasks: known('limits', 'How much', 'Pages side by side'),
  adaptiveConcurrency: known('limits', 'How much', 'Make way for other programs'),
  maxCpuPercent: known('limits', 'How much', 'Share of the processors'),
  maxMemoryPercent: known('limits', 'How much', 'Share of the memory'),
  backgroundPriority: known('limits', 'How much', 'Let other programs go first'),
  workHours: known('limits', 'When', 'Hours of the week'),
  workWhenIdleMinutes: known('limits', 'When', 'Only when nobody uses the machine for'),
  workOnMainsOnly: known('limits', 'When', 'Only on mains power'),
  minimumBatteryPercent: known('limits', 'When', 'Lowest battery charge'),
  workOnMetered: known('limits', 'When', 'Also on metered connections'),
  workDuringFullScreen: known('limits', 'When', 'Also during full-screen programs'),
  limitGraceSeconds: known('limits', 'When', 'Time to finish when a limit is reached'),
  monthlyTaskQuota: known('limits', 'In a month', 'Tasks'),
  monthlyBrowserMinutesQuota: known('limits', 'In a month', 'Browser time'),
  monthlyTrafficQuotaBytes: known('limits', 'In a month', 'Traffic'),
  maxTaskMs: known('limits', 'A single task', 'Longest time'),
  maxDocumentBytes: known('limits', 'A single task', 'Largest document'),
  maxPageBytes: known('limits', 'A single task', 'Most that a page may load'),
  maxPageRequests: known('limits', 'A single task', 'Most requests of a page'),
  siteConcurrency: known('limits', 'Towards sites', 'Pages of one site at a time'),
  siteIntervalMs: known('limits', 'Towards sites', 'Pause between two of its pages'),
  siteLongestPauseMs: known('limits', 'Towards sites', 'Longest pause that a site may ask for'),
  robotsForPages: known('limits', 'Towards sites', 'robots.txt for single pages'),
  userAgentSuffix: known('limits', 'Towards sites', 'Name that sites see'),
  taskCleanupDays: known('storage', 'What is kept', 'Keep finished tasks for'),
  maxStoreBytes: known('storage', 'What is kept', 'Keep at most'),
  minimumFreeDiskBytes: known('storage', 'What is kept', 'Leave free on the disk'),
  deliveryMaxDays: known('storage', 'What is kept', 'Try to deliver results for'),
  blockedHosts: known('privacy', 'Where pages may lead', 'Never visit'),
  allowedPrivateHosts: known('privacy', 'Where pages may lead', 'Allowed in your own network'),
  upstreamProxy: known('privacy', 'Where pages may lead', 'Proxy of your network'),
};

/** Settings that have a place of their own in the window, or that are not for people to type. */
const ELSEWHERE = new Set(['hubUrl', 'workerId', 'secret', 'disabledTaskTypes']);

const ORDER = Object.keys(KNOWN);

export function settingLabel(key: string): string {
  return KNOWN[key]?.label ?? keyLabel(key.replace(/(Ms|Bytes|Seconds|Minutes|Days|Percent)$/, ''));
}

interface Keyed {
  key: string;
}

/** The settings of a section, in groups with a heading each. */
export function groupsOf<Setting extends Keyed>(settings: readonly Setting[], section: SettingsSection) {
  const groups = new Map<string, Setting[]>();
  const sorted = settings.toSorted((a, b) => rank(a.key) - rank(b.key));
  for (const setting of sorted) {
    if (ELSEWHERE.has(setting.key)) continue;
    const place = KNOWN[setting.key] ?? { section: 'advanced', group: 'Advanced' };
    if (place.section !== section) continue;
    groups.set(place.group, [...(groups.get(place.group) ?? []), setting]);
  }
  return [...groups].map(([title, members]) => ({ title, settings: members }));
}

function rank(key: string): number {
  const index = ORDER.indexOf(key);
  return index === -1 ? ORDER.length : index;
}
