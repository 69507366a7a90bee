import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { makeShellFolder } from '../../main/desktop/make-shell-folder.ts';
import { isLegworkLink, parseSecondStart, parseStartArguments } from '../../main/desktop/start-arguments.ts';

const LINK = 'legwork://enrol?hub=https%3A%2F%2Fhub.example.org&token=lwt_1';

describe('the start arguments', () => {
  it('are found among those of Electron and Chromium', () => {
    const found = parseStartArguments(['--no-sandbox', '/app', '--hidden', '--data', 'here', LINK], '/home/anna');
    expect(found).toEqual({ hidden: true, link: LINK, dataFolder: '/home/anna/here' });
  });

  it('take the data folder in both spellings', () => {
    expect(parseStartArguments(['--data=/srv/legwork'], '/').dataFolder).toBe('/srv/legwork');
    expect(parseStartArguments(['--data'], '/').dataFolder).toBeNull();
  });

  it('are a visible start without a link when there are none', () => {
    expect(parseStartArguments([], '/')).toEqual({ hidden: false, link: null, dataFolder: null });
  });
});

describe('a link', () => {
  it('is only one of our own scheme; one that is no good is handed on, so that the person is told', () => {
    expect(isLegworkLink(LINK)).toBe(true);
    expect(isLegworkLink('LEGWORK://enrol?hub=x')).toBe(true);
    expect(isLegworkLink('https://legwork.example/legwork:')).toBe(false);
    expect(isLegworkLink(`legwork://enrol?${'x'.repeat(5_000)}`)).toBe(true);
  });
});

describe('what a second start says', () => {
  it('is believed only as far as it has the form', () => {
    expect(parseSecondStart({ hidden: true, link: LINK })).toEqual({ hidden: true, link: LINK });
    expect(parseSecondStart({ hidden: 'yes', link: 'file:///etc/passwd' })).toEqual({ hidden: false, link: null });
    expect(parseSecondStart(null)).toEqual({ hidden: false, link: null });
  });
});

describe('the folder of the shell', () => {
  it('is made with the data folder around it, or it is said in words why it cannot be', () => {
    const folder = mkdtempSync(join(tmpdir(), 'legwork-shell-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    expect(existsSync(makeShellFolder(join(folder, 'new', 'data')))).toBe(true);
    const file = join(folder, 'a-file');
    writeFileSync(file, '');
    expect(() => makeShellFolder(file)).toThrow(`Its data cannot be kept in ${file} (ENOTDIR`);
  });
});
