import { readdirSync, readFileSync } from 'node:fs';

/**
 * Process ids whose environment has TMPDIR in this folder: whatever was started below a program that was
 * given it, however far it has moved from its parent. Reads /proc, so it is for Linux only.
 */
export function processesOf(temporaryFolder: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const isZombie = /^State:\s+Z/m.test(readFileSync(`/proc/${name}/status`, 'utf8'));
        const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
        return !isZombie && environment.some((entry) => entry.startsWith(`TMPDIR=${temporaryFolder}`));
      } catch {
        // It has ended meanwhile, or belongs to somebody else.
        return false;
      }
    })
    .map(Number);
}
