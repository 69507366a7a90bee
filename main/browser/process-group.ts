import { spawn } from 'node:child_process';

/**
 * Kills a process and everything that it started, at once. The process must lead its own group (`detached: true` at its
 * start); where the system has no process groups, its tree is killed. A process that is gone already is fine.
 */
export function killProcessGroup(processId: number): void {
  if (process.platform === 'win32') {
    spawn('taskkill', ['/pid', String(processId), '/T', '/F'], { stdio: 'ignore', windowsHide: true }).on(
      'error',
      () => {},
    );
    return;
  }
  try {
    process.kill(-processId, 'SIGKILL');
  } catch {
    // ESRCH: nobody of the group is left, which is what was wanted.
  }
}
