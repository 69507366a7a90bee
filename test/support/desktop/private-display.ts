import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** An X server of its own that draws into memory. */
export interface PrivateDisplay {
  /** For the environment: `DISPLAY`. */
  name: string;
  close(): Promise<void>;
}

/**
 * Starts Xvfb on a display number that it chooses itself, so that tests at the same time never take the same one.
 * @throws Error when it ends before it is ready
 */
export async function startPrivateDisplay(size = '1440x1000x24'): Promise<PrivateDisplay> {
  const server = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', size, '-nolisten', 'tcp', '-dpi', '96'], {
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const killServer = (): void => void server.kill('SIGKILL');
  process.once('exit', killServer);
  const exited = new Promise<void>((resolve) => server.once('close', () => resolve()));
  let complaints = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    (server.stdio[3] as Readable).setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    server.once('error', reject);
    void exited.then(() => reject(new Error(`Xvfb ended before it was ready: ${complaints}`)));
  });
  return {
    name: `:${number}`,
    close: async () => {
      process.off('exit', killServer);
      server.kill('SIGTERM');
      const forced = setTimeout(killServer, 5_000);
      await exited;
      clearTimeout(forced);
    },
  };
}
