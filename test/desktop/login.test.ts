import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fastCheck from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { formatExec, parseDesktopEntry, parseExec } from '../../main/desktop/login/desktop-entry.ts';
import { LoginSwitch } from '../../main/desktop/login/login-switch.ts';
import { loginProgram } from '../../main/desktop/login/start-at-login.ts';
import { autostartEntry, autostartFile, isStartedBy, XdgAutostart } from '../../main/desktop/login/xdg-autostart.ts';

describe('an Exec line', () => {
  it('quotes as the Desktop Entry Specification says', () => {
    expect(formatExec(['/usr/bin/legwork', '--hidden'])).toBe('/usr/bin/legwork --hidden');
    expect(formatExec(['/home/anna b/Leg work.AppImage'])).toBe('"/home/anna b/Leg work.AppImage"');
    // A literal dollar in quotes: backslash for the quoting, doubled for the string type.
    expect(formatExec(['/opt/$HOME/app'])).toBe(String.raw`"/opt/\\$HOME/app"`);
    expect(formatExec(['/opt/100%/app'])).toBe('/opt/100%%/app');
  });

  it('gives every command line back', () => {
    const argument = fastCheck.string({ minLength: 0, maxLength: 30 }).map((text) => text.replaceAll('\0', ''));
    fastCheck.assert(
      fastCheck.property(fastCheck.array(argument, { minLength: 1, maxLength: 5 }), (commandLine) => {
        expect(parseExec(formatExec(commandLine))).toEqual(commandLine);
      }),
    );
  });

  it('that is malformed is none', () => {
    expect(parseExec('"/unclosed')).toBeNull();
    expect(parseExec('')).toBeNull();
  });
});

describe('the program that the login starts', () => {
  it('is the AppImage itself, not the folder that it is mounted in', () => {
    const facts = { executable: '/tmp/.mount_abc/legwork', appFolder: null, switches: [] };
    expect(loginProgram({ ...facts, environment: { APPIMAGE: '/home/anna/Legwork.AppImage' } })).toEqual({
      path: '/home/anna/Legwork.AppImage',
      programArguments: ['--hidden'],
    });
    expect(loginProgram({ ...facts, environment: { APPIMAGE: '' } }).path).toBe(facts.executable);
  });

  it('is told its app where it runs from the sources', () => {
    const program = loginProgram({
      executable: '/x/electron',
      appFolder: '/src',
      environment: {},
      switches: ['--no-sandbox'],
    });
    expect(program.programArguments).toEqual(['--no-sandbox', '/src', '--hidden']);
  });
});

describe('autostart on Linux', () => {
  let folder: string;
  let program: string;
  let file: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'legwork-autostart-'));
    program = join(folder, 'Leg "work" $1.AppImage');
    await writeFile(program, '');
    await chmod(program, 0o755);
    file = autostartFile({ XDG_CONFIG_HOME: folder }, '/home/nobody');
  });
  afterEach(() => rm(folder, { recursive: true }));

  const entry = (): XdgAutostart => new XdgAutostart(file, { path: program, programArguments: ['--hidden'] });

  it('is in the folder that the environment names, as long as that is absolute', () => {
    expect(file).toBe(join(folder, 'autostart', 'legwork.desktop'));
    expect(autostartFile({ XDG_CONFIG_HOME: 'relative' }, '/home/anna')).toBe(
      '/home/anna/.config/autostart/legwork.desktop',
    );
  });

  it('is written and removed', async () => {
    expect(entry().isEnabled()).toBe(false);
    entry().setEnabled(true);
    expect(entry().isEnabled()).toBe(true);
    const keys = parseDesktopEntry(await readFile(file, 'utf8'));
    expect(parseExec(keys.get('Exec') ?? '')).toEqual([program, '--hidden']);
    entry().setEnabled(false);
    expect(existsSync(file)).toBe(false);
    entry().setEnabled(false);
  });

  it('is off when others have switched it off', async () => {
    for (const line of ['Hidden=true', 'X-GNOME-Autostart-enabled=false', 'Hidden = true']) {
      entry().setEnabled(true);
      await writeFile(file, `${await readFile(file, 'utf8')}${line}\n`);
      expect(entry().isEnabled()).toBe(false);
      entry().setEnabled(true);
      expect(entry().isEnabled()).toBe(true);
    }
  });

  it('takes no key of another group for its own', () => {
    const content = autostartEntry({ path: program, programArguments: [] });
    expect(isStartedBy(`${content}[Desktop Action x]\nHidden=true\n`, () => true)).toBe(true);
  });

  it('is off when its program is gone, and names the moved one after a start from there', async () => {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, autostartEntry({ path: join(folder, 'old.AppImage'), programArguments: ['--hidden'] }));
    expect(entry().isEnabled()).toBe(false);
    entry().repair();
    expect(entry().isEnabled()).toBe(true);
    expect(await readFile(file, 'utf8')).not.toContain('old.AppImage');
  });

  it('starts a program with a percent sign in its path behind env, since GLib does not find it otherwise', () => {
    const content = autostartEntry({ path: '/opt/100% own/legwork', programArguments: ['--hidden'] });
    const keys = parseDesktopEntry(content);
    expect(parseExec(keys.get('Exec') ?? '')).toEqual(['/usr/bin/env', '/opt/100% own/legwork', '--hidden']);
    expect(isStartedBy(content, (path) => path === '/opt/100% own/legwork')).toBe(true);
    expect(isStartedBy(content, (path) => path === '/usr/bin/env')).toBe(false);
    expect(isStartedBy('[Desktop Entry]\nExec=/usr/bin/env A=b legwork\n', () => false)).toBe(true);
  });

  it('is left alone where somebody starts a program of their own', async () => {
    await mkdir(dirname(file), { recursive: true });
    const own = '[Desktop Entry]\nType=Application\nExec=/bin/sh -c "sleep 60; legwork --hidden"\n';
    await writeFile(file, own);
    entry().repair();
    expect(await readFile(file, 'utf8')).toBe(own);
  });

  it('shows what the system says, whoever has changed it', async () => {
    const login = new LoginSwitch(entry());
    const onChange = vi.fn();
    login.subscribe(onChange);
    expect(login.set(true)).toBe(true);
    expect(onChange).toHaveBeenCalledTimes(1);
    await rm(file);
    login.look();
    expect(login.isEnabled).toBe(false);
    expect(onChange).toHaveBeenCalledTimes(2);
    login.close();
  });
});
