import { findChromium } from '../../../main/browser/find-chromium.ts';

let search: Promise<string> | null = null;

/**
 * The environment of an app whose host lets it use the installed browser.
 * @throws Error when there is none
 */
export async function agreedBrowser(): Promise<Record<string, string>> {
  search ??= findChromium().then(({ chromium, advice }) => {
    if (chromium === null) throw new Error(`No Chromium was found. ${advice?.command ?? ''}`);
    return chromium.path;
  });
  return { LEGWORK_CHROMIUM_PATH: await search };
}
