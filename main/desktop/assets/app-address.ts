/** The origin of the window's page. */
export const APP_SCHEME = 'app';
export const APP_HOST = 'legwork';
export const APP_ORIGIN = `${APP_SCHEME}://${APP_HOST}`;

/** The path of an address of the app, as it is written there; null for any other address. */
export function pathOf(address: string): string | null {
  if (!URL.canParse(address)) return null;
  const { protocol, host, pathname } = new URL(address);
  return protocol === `${APP_SCHEME}:` && host === APP_HOST ? pathname : null;
}
