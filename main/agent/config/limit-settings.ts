import { z } from 'zod';
import { parseWorkHours } from '../limits/work-hours.ts';
import { textWithDefault, toggle, wholeNumber } from './setting.ts';

const PERCENT = 'percent';

/**
 * The settings by which the host says when, and how much, this machine may work. All of them can be changed while the
 * agent runs.
 */
export const limitSettings = {
  workHours: textWithDefault(
    {
      description: 'Hours of the week in which work is done, in the time zone of this machine. Empty: always.',
      environment: 'LEGWORK_WORK_HOURS',
      flag: '--work-hours',
    },
    z.string().max(1_000).refine(isWorkHours),
    'empty, or days and times such as "Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00"',
    () => '',
  ),
  workWhenIdleMinutes: wholeNumber(
    {
      description: 'Work only when nobody has used this machine for so long; 0: also while it is used.',
      environment: 'LEGWORK_WORK_WHEN_IDLE_MINUTES',
      flag: '--work-when-idle-minutes',
    },
    { minimum: 0, maximum: 1_440, unit: 'minutes', fallback: 0 },
  ),
  workOnMainsOnly: toggle(
    {
      description: 'Work only on mains power.',
      environment: 'LEGWORK_WORK_ON_MAINS_ONLY',
      flag: '--work-on-mains-only',
    },
    false,
  ),
  minimumBatteryPercent: wholeNumber(
    {
      description: 'On battery, work only above this charge.',
      environment: 'LEGWORK_MINIMUM_BATTERY_PERCENT',
      flag: '--minimum-battery-percent',
    },
    { minimum: 0, maximum: 100, unit: PERCENT, fallback: 30 },
  ),
  workOnMetered: toggle(
    {
      description: 'Work also on a network connection that is paid for by volume.',
      environment: 'LEGWORK_WORK_ON_METERED',
      flag: '--work-on-metered',
    },
    false,
  ),
  workDuringFullScreen: toggle(
    {
      description: 'Work also while a program fills the screen (a presentation, a film, a game).',
      environment: 'LEGWORK_WORK_DURING_FULL_SCREEN',
      flag: '--work-during-full-screen',
    },
    false,
  ),
  maxCpuPercent: wholeNumber(
    {
      description:
        'Share of all processors together that Legwork and its browsers may use, averaged over half a minute.',
      environment: 'LEGWORK_MAX_CPU_PERCENT',
      flag: '--max-cpu-percent',
    },
    { minimum: 1, maximum: 100, unit: PERCENT, fallback: 100 },
  ),
  maxMemoryPercent: wholeNumber(
    {
      description: 'Share of the memory that Legwork and its browsers may use.',
      environment: 'LEGWORK_MAX_MEMORY_PERCENT',
      flag: '--max-memory-percent',
    },
    { minimum: 1, maximum: 100, unit: PERCENT, fallback: 100 },
  ),
  limitGraceSeconds: wholeNumber(
    {
      description:
        'How long running tasks may go on when a limit says that no work is to be done; then they are given back.',
      environment: 'LEGWORK_LIMIT_GRACE_SECONDS',
      flag: '--limit-grace-seconds',
    },
    { minimum: 0, maximum: 3_600, unit: 'seconds', fallback: 60 },
  ),
  adaptiveConcurrency: toggle(
    {
      description:
        'Run fewer tasks side by side while other programs need the machine. Off: always maxConcurrentTasks.',
      environment: 'LEGWORK_ADAPTIVE_CONCURRENCY',
      flag: '--adaptive-concurrency',
    },
    true,
  ),
  backgroundPriority: toggle(
    {
      description: 'Let other programs have the processor first.',
      environment: 'LEGWORK_BACKGROUND_PRIORITY',
      flag: '--background-priority',
    },
    true,
  ),
  monthlyTaskQuota: wholeNumber(
    {
      description: 'Tasks that are done in a calendar month; 0: as many as come.',
      environment: 'LEGWORK_MONTHLY_TASK_QUOTA',
      flag: '--monthly-task-quota',
    },
    { minimum: 0, maximum: 1_000_000_000, unit: 'tasks', fallback: 0 },
  ),
  monthlyBrowserMinutesQuota: wholeNumber(
    {
      description: 'Time that tasks may take in a calendar month, added up; 0: any.',
      environment: 'LEGWORK_MONTHLY_BROWSER_MINUTES_QUOTA',
      flag: '--monthly-browser-minutes-quota',
    },
    { minimum: 0, maximum: 1_000_000_000, unit: 'minutes', fallback: 0 },
  ),
  monthlyTrafficQuotaBytes: wholeNumber(
    {
      description: 'What tasks may load and send in a calendar month; 0: any.',
      environment: 'LEGWORK_MONTHLY_TRAFFIC_QUOTA_BYTES',
      flag: '--monthly-traffic-quota-bytes',
    },
    { minimum: 0, maximum: Number.MAX_SAFE_INTEGER, unit: 'bytes', fallback: 0 },
  ),
};

function isWorkHours(text: string): boolean {
  return parseWorkHours(text) !== null;
}
