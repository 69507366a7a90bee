import { resolve } from 'node:path';

/** What the program was started with. */
export interface StartArguments {
  /** Started by the login: no window until somebody asks for one. */
  hidden: boolean;
  /** A `legwork:` link that was followed. */
  link: string | null;
  /** `--data`: the data folder; null: as the environment and the defaults say. */
  dataFolder: string | null;
}

/** The scheme of links that this program is registered for. */
export const LINK_SCHEME = 'legwork';

/** What follows the program's name, and in development the folder of the app, on the command line. */
export function parseStartArguments(programArguments: readonly string[], workingFolder: string): StartArguments {
  const result: StartArguments = { hidden: false, link: null, dataFolder: null };
  for (const [index, argument] of programArguments.entries()) {
    if (argument === '--hidden') result.hidden = true;
    const folder = argument === '--data' ? programArguments[index + 1] : /^--data=(.+)$/.exec(argument)?.[1];
    if (folder !== undefined) result.dataFolder = resolve(workingFolder, folder);
    if (isLegworkLink(argument)) result.link = argument;
  }
  return result;
}

/** Whether a text is a link of this program; what it asks for, and how long it may be, is judged where it is parsed. */
export function isLegworkLink(text: string): boolean {
  return new RegExp(`^${LINK_SCHEME}:`, 'i').test(text);
}

/** What a second start tells the first one; Electron hands it over as it is. */
export interface SecondStart {
  hidden: boolean;
  link: string | null;
}

/** The same from an unknown source. */
export function parseSecondStart(data: unknown): SecondStart {
  if (typeof data !== 'object' || data === null) return { hidden: false, link: null };
  const link = 'link' in data && typeof data.link === 'string' && isLegworkLink(data.link) ? data.link : null;
  return { hidden: 'hidden' in data && data.hidden === true, link };
}
