import { z } from 'zod';
import { LEGWORK_VERSION } from '../../protocol/version.ts';
import { choice, textWithDefault, wholeNumber } from './setting.ts';

/** What every user agent ends with, unless the host chooses otherwise: the program and its version, `Legwork/0.1`. */
export const DEFAULT_USER_AGENT_SUFFIX = `Legwork/${LEGWORK_VERSION.split('.').slice(0, 2).join('.')}`;

/** How the machine behaves towards the sites that it visits; part of the agent's configuration. */
export const politenessSettings = {
  siteConcurrency: wholeNumber(
    {
      description: 'Tasks that visit the same site (host name) at the same time, whatever their type.',
      environment: 'LEGWORK_SITE_CONCURRENCY',
      flag: '--site-concurrency',
    },
    { minimum: 1, maximum: 32, fallback: 2 },
  ),
  siteIntervalMs: wholeNumber(
    {
      description: 'Least time between the starts of two tasks of the same site.',
      environment: 'LEGWORK_SITE_INTERVAL_MS',
      flag: '--site-interval-ms',
    },
    { minimum: 0, maximum: 60_000, unit: 'milliseconds', fallback: 0 },
  ),
  siteLongestPauseMs: wholeNumber(
    {
      description: 'How long a site that answers 429 or 503 is left alone at most, whatever its Retry-After says.',
      environment: 'LEGWORK_SITE_LONGEST_PAUSE_MS',
      flag: '--site-longest-pause-ms',
    },
    { minimum: 0, maximum: 86_400_000, unit: 'milliseconds', fallback: 900_000 },
  ),
  robotsForPages: choice(
    {
      description:
        'Whether robots.txt is asked before a single page is visited, and before it leads on to another address. ' +
        '`ignore`: no, as a browser does not either. ' +
        'Task types that follow links honour it in any case.',
      environment: 'LEGWORK_ROBOTS_FOR_PAGES',
      flag: '--robots-for-pages',
    },
    ['ignore', 'honour'],
    'ignore',
  ),
  userAgentSuffix: textWithDefault(
    {
      description:
        'What the browser’s user agent ends with, so that sites can tell who visits them; `off` for nothing.',
      environment: 'LEGWORK_USER_AGENT_SUFFIX',
      flag: '--user-agent-suffix',
    },
    z.string().regex(/^[!-~]([ -~]{0,198}[!-~])?$/),
    'printable ASCII of at most 200 characters, or off',
    () => DEFAULT_USER_AGENT_SUFFIX,
  ),
};
