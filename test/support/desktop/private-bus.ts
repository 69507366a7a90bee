import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A session bus that nothing else of this machine is on. */
export interface PrivateBus {
  /** For the environment: `DBUS_SESSION_BUS_ADDRESS`. */
  address: string;
  close(): Promise<void>;
}

/** No service can be activated: the system's own would start key rings and the like in the middle of a test. */
function busConfiguration(socketPath: string): string {
  return `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <keep_umask/>
  <listen>unix:path=${socketPath}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
`;
}

/**
 * Starts a D-Bus daemon whose configuration and socket are in the folder.
 * @throws Error when it ends before it is ready
 */
export async function startPrivateBus(dbusDaemonPath: string, folder: string): Promise<PrivateBus> {
  const configurationPath = join(folder, 'dbus.conf');
  writeFileSync(configurationPath, busConfiguration(join(folder, 'dbus.socket')));
  const daemon = spawn(dbusDaemonPath, [`--config-file=${configurationPath}`, '--nofork', '--print-address'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const killDaemon = (): void => void daemon.kill('SIGKILL');
  process.once('exit', killDaemon);
  const exited = new Promise<void>((resolve) => daemon.once('close', () => resolve()));
  let complaints = '';
  daemon.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints += text;
  });
  const address = await new Promise<string>((resolve, reject) => {
    let text = '';
    daemon.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\n')) resolve(text.trim());
    });
    daemon.once('error', reject);
    void exited.then(() => reject(new Error(`dbus-daemon ended before it was ready: ${complaints}`)));
  });
  return {
    address,
    close: async () => {
      process.off('exit', killDaemon);
      daemon.kill('SIGTERM');
      const forced = setTimeout(killDaemon, 5_000);
      await exited;
      clearTimeout(forced);
    },
  };
}
