import type { Machine } from './machine.ts';

/** How a missing browser is got on this machine. */
export interface InstallAdvice {
  /** To be typed into a terminal. */
  command: string;
  /** The same as program and arguments when this process may run it unasked (as root on Debian), else null. */
  runnable: readonly string[] | null;
}

const DEBIAN_INSTALL = ['apt-get', 'install', '-y', 'chromium', 'chromium-headless-shell'];

/**
 * The command that gets Chromium and its headless shell here. Ubuntu is not treated as Debian, whose packages it does
 * not have: its `chromium` package installs a snap, which cannot use a profile outside the home folder.
 */
export function installAdvice(machine: Pick<Machine, 'platform' | 'isRoot'>, osRelease: string): InstallAdvice {
  const ids = distributionIds(osRelease);
  const superuser = machine.isRoot ? '' : 'sudo ';
  if (machine.platform === 'linux') {
    if (ids.includes('debian') && !ids.includes('ubuntu')) {
      return {
        command: `${superuser}${DEBIAN_INSTALL.join(' ')}`,
        runnable: machine.isRoot ? DEBIAN_INSTALL : null,
      };
    }
    if (ids.includes('fedora')) {
      return { command: `${superuser}dnf install -y chromium chromium-headless`, runnable: null };
    }
    return { command: 'npx playwright-core install chromium --with-deps', runnable: null };
  }
  return { command: 'npx playwright-core install chromium', runnable: null };
}

/** `ID` and `ID_LIKE` of an os-release file (os-release(5)). */
function distributionIds(osRelease: string): string[] {
  return [...osRelease.matchAll(/^ID(?:_LIKE)?=["']?([^"'\n]*)/gm)].flatMap((match) => (match[1] ?? '').split(/\s+/));
}
