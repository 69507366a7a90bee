/** Whether the system starts Legwork when this person logs in. */
export interface StartAtLogin {
  /** What the system says now, whoever has set it. */
  isEnabled(): boolean;
  /** @throws Error when the system does not let it be set */
  setEnabled(enabled: boolean): void;
  /** Where it is enabled for a program that has moved since, the entry is made to name the present one. */
  repair(): void;
}

/** The program that is to be started, with its arguments. */
export interface LoginProgram {
  path: string;
  programArguments: string[];
}

/** What the program of this process is started with again. */
export interface ThisProgram {
  executable: string;
  /** The folder of the app; null when it is packaged, and the executable knows it by itself. */
  appFolder: string | null;
  environment: Readonly<Record<string, string | undefined>>;
  /** Switches of Chromium that this start needed. */
  switches: readonly string[];
}

/**
 * How this program is started by the login: hidden. An AppImage runs from a folder that is gone with it, so that the file
 * itself is named, which its own runtime tells in `APPIMAGE`.
 */
export function loginProgram({ executable, appFolder, environment, switches }: ThisProgram): LoginProgram {
  const appImage = environment['APPIMAGE'];
  const programArguments = [...switches, ...(appFolder === null ? [] : [appFolder]), '--hidden'];
  return { path: appImage === undefined || appImage === '' ? executable : appImage, programArguments };
}
