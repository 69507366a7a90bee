import { homedir } from 'node:os';
import { app } from 'electron';
import { LoginItems } from './login-items.ts';
import { loginProgram, type StartAtLogin } from './start-at-login.ts';
import { autostartFile, XdgAutostart } from './xdg-autostart.ts';

/** The start at login as this system knows it. */
export function chooseStartAtLogin(): StartAtLogin {
  const program = loginProgram({
    executable: process.execPath,
    appFolder: app.isPackaged ? null : app.getAppPath(),
    environment: process.env,
    switches: app.commandLine.hasSwitch('no-sandbox') ? ['--no-sandbox'] : [],
  });
  if (process.platform === 'linux') return new XdgAutostart(autostartFile(process.env, homedir()), program);
  return new LoginItems(program);
}
