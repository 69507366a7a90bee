import type { Session } from 'electron';

/**
 * Takes from a session what the window's page never needs: permissions (camera, place, notifications, USB, …), downloads,
 * and spell checking, whose dictionaries would be fetched from a foreign server.
 */
export function guardSession(session: Session): void {
  session.setPermissionRequestHandler((_page, permission, answer) => answer(isHarmless(permission)));
  session.setPermissionCheckHandler((_page, permission) => isHarmless(permission));
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
  session.setSpellCheckerEnabled(false);
  session.on('will-download', (event) => event.preventDefault());
}

/** A copy button writes to the clipboard; reading it is another permission, which is denied. */
function isHarmless(permission: string): boolean {
  return permission === 'clipboard-sanitized-write';
}
