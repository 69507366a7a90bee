import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The lock file's own record of what npm installed: written last, so that it is absent after a broken install. */
const INSTALLED_LOCK = 'node_modules/.package-lock.json';

function isInstalled(folder: string): boolean {
  if (!existsSync(join(folder, INSTALLED_LOCK))) return false;
  const packages = (path: string): Record<string, { version?: string }> =>
    (JSON.parse(readFileSync(join(folder, path), 'utf8')) as { packages: Record<string, { version?: string }> })
      .packages;
  const installed = packages(INSTALLED_LOCK);
  const dependencies = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  return Object.entries(dependencies.dependencies).every(
    ([name, version]) => installed[`node_modules/${name}`]?.version === version,
  );
}

/**
 * Installs a peer's packages as its lock file has them, unless they are there; its browsers are not downloaded.
 * @throws Error when npm fails
 */
export function installPeer(folder: string): void {
  if (isInstalled(folder)) return;
  console.log(`Installing the packages of ${folder} …`);
  execFileSync('npm', ['ci', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1', PUPPETEER_SKIP_DOWNLOAD: '1' },
  });
}
