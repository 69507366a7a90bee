import type { Session } from 'electron';
import { APP_ORIGIN } from '../assets/app-address.ts';

/**
 * Takes from a session what the window's page never needs: permissions (camera, place, notifications, USB, …),
 * downloads of anything but parts of results, and spell checking, whose dictionaries would be fetched from a foreign server.
 */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_page, permission, answer) => answer(isHarmless(permission)));
  session.setPermissionCheckHandler((_page, permission) => isHarmless(permission));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event, item) => {
    // The person is asked where it goes, and named what it is called.
    if (item.getURL().startsWith(`${APP_ORIGIN}/blob/`)) item.setSaveDialogOptions({ defaultPath: item.getFilename() });
    else event.preventDefault();
  });
}

/** A copy button writes to the clipboard; reading it is another permission, which is denied. */
function isHarmless(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}
