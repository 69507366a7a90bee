import { existsSync } from 'node:fs';
import { runSilently } from './setup-child.mjs';
import { showStep } from './setup-step.mjs';

/** Packages whose documentation the smoke tests visit as sites that nobody here wrote, and where each puts it. */
export const DOCUMENTATION = { 'sqlite3-doc': '/usr/share/doc/sqlite3', 'git-doc': '/usr/share/doc/git-doc' };

/** Images of Debian for containers leave documentation out unless told otherwise; `--reinstall` brings it back. */
const INSTALL_OPTIONS = [
  'install',
  '-y',
  '--reinstall',
  '--no-install-recommends',
  '-o',
  'Dpkg::Options::=--path-include=/usr/share/doc/*',
];

/**
 * Whether the pages are there; the folder alone may be there for a licence or a change log.
 * @param {string} folder
 */
export function hasDocumentation(folder) {
  return existsSync(`${folder}/index.html`) || existsSync(`${folder}/git.html`);
}

/** Whether this user can install the packages: root on a system with apt. */
export function canInstallDocumentation() {
  return existsSync('/usr/bin/apt-get') && process.getuid?.() === 0;
}

/** The command that gets the documentation, for a person. */
export const DOCUMENTATION_COMMAND = `apt-get ${INSTALL_OPTIONS.map((option) => (option.includes('*') ? `'${option}'` : option)).join(' ')} ${Object.keys(DOCUMENTATION).join(' ')}`;

/**
 * Installs the documentation that the smoke tests visit where that can be done; elsewhere those tests say what they miss.
 * @throws Error when the packages cannot be installed
 */
export async function setUpDocumentation() {
  const missing = Object.entries(DOCUMENTATION).filter(([, folder]) => !hasDocumentation(folder));
  if (missing.length === 0 || !canInstallDocumentation()) return;
  const names = missing.map(([name]) => name);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  await showStep(`installing documentation for the smoke tests (${names.join(', ')})`, async () => {
    const update = await runSilently('apt-get', ['update'], { env });
    const install = await runSilently('apt-get', [...INSTALL_OPTIONS, ...names], { env });
    return { exitCode: install.exitCode, output: update.output + install.output };
  });
}
