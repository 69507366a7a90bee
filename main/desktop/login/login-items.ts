import { app } from 'electron';
import type { LoginProgram, StartAtLogin } from './start-at-login.ts';

/** Login items of macOS, and the `Run` entry of Windows. */
export class LoginItems implements StartAtLogin {
  readonly #program: LoginProgram;

  constructor(program: LoginProgram) {
    this.#program = program;
  }

  isEnabled(): boolean {
    const { path, programArguments } = this.#program;
    const settings = app.getLoginItemSettings({ path, args: programArguments });
    // Windows lets people switch an entry off in the Task Manager without removing it.
    return process.platform === 'win32' ? settings.executableWillLaunchAtLogin : settings.openAtLogin;
  }

  setEnabled(enabled: boolean): void {
    const { path, programArguments } = this.#program;
    app.setLoginItemSettings({
      openAtLogin: enabled,
      ...(process.platform === 'win32' ? { path, args: programArguments, enabled } : {}),
    });
  }

  repair(): void {
    // The entry names the installed program, which stays where it is.
  }
}
