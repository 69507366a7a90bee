import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { formatExec, parseDesktopEntry, parseExec } from './desktop-entry.ts';
import type { LoginProgram, StartAtLogin } from './start-at-login.ts';

/** Where a desktop looks for what it starts (Desktop Application Autostart Specification, freedesktop.org). */
export function autostartFile(environment: Readonly<Record<string, string | undefined>>, homeFolder: string): string {
  const configured = environment['XDG_CONFIG_HOME'] ?? '';
  const base = posix.isAbsolute(configured) ? configured : join(homeFolder, '.config');
  return join(base, 'autostart', 'legwork.desktop');
}

const ENV = '/usr/bin/env';

/** GLib looks for the program by its name in the file, where `%` is doubled; behind `env` it is an argument as any other. */
function wayTo(path: string): string[] {
  return path.includes('%') ? [ENV, path] : [path];
}

/** The program that an entry starts; undefined when there is none. */
function programOf(entry: ReadonlyMap<string, string>): string | undefined {
  const [first, second] = parseExec(entry.get('Exec') ?? '') ?? [];
  return first === ENV ? second : first;
}

/** The entry that starts the program at login. */
export function autostartEntry({ path, programArguments }: LoginProgram): string {
  return [
    '[Desktop Entry]',
    'Type=Application',
    'Version=1.5',
    'Name=Legwork',
    "Comment=Does a server's browser legwork",
    `Exec=${formatExec([...wayTo(path), ...programArguments])}`,
    'Icon=legwork',
    'Terminal=false',
    'StartupNotify=false',
    // The panel that shows the icon should be there first.
    'X-GNOME-Autostart-Delay=5',
    '',
  ].join('\n');
}

/**
 * Whether a desktop would start it: `Hidden=true` stands for a deleted entry, and GNOME's and KDE's settings switch one
 * off with a key of GNOME's. A program that is not there (any more) is not started either.
 */
export function isStartedBy(content: string, exists: (path: string) => boolean): boolean {
  const entry = parseDesktopEntry(content);
  if (entry.get('Hidden') === 'true' || entry.get('X-GNOME-Autostart-enabled') === 'false') return false;
  const program = programOf(entry);
  return program !== undefined && (!posix.isAbsolute(program) || exists(program));
}

/** The entry of this person's autostart folder on Linux. */
export class XdgAutostart implements StartAtLogin {
  readonly #file: string;
  readonly #program: LoginProgram;

  constructor(file: string, program: LoginProgram) {
    this.#file = file;
    this.#program = program;
  }

  isEnabled(): boolean {
    const content = this.#read();
    return content !== null && isStartedBy(content, existsSync);
  }

  setEnabled(enabled: boolean): void {
    if (!enabled) {
      rmSync(this.#file, { force: true });
      return;
    }
    mkdirSync(dirname(this.#file), { recursive: true });
    writeFileSync(`${this.#file}.new`, autostartEntry(this.#program), { mode: 0o644 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  repair(): void {
    const content = this.#read();
    if (content === null || content === autostartEntry(this.#program)) return;
    const entry = parseDesktopEntry(content);
    const isSwitchedOff = entry.get('Hidden') === 'true' || entry.get('X-GNOME-Autostart-enabled') === 'false';
    const program = programOf(entry);
    // Somebody who has switched it off, or starts a program of their own choice, is left alone.
    if (isSwitchedOff || (program !== undefined && existsSync(program))) return;
    this.setEnabled(true);
  }

  #read(): string | null {
    try {
      return readFileSync(this.#file, 'utf8');
    } catch {
      return null;
    }
  }
}
