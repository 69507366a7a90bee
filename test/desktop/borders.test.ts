import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { pathOf } from '../../main/desktop/assets/app-address.ts';
import { isTrustedSender } from '../../main/desktop/ipc/is-trusted-sender.ts';
import { mayOpenExternally } from '../../main/desktop/shell/may-open-externally.ts';
import { mayNavigate } from '../../main/desktop/window/guard-contents.ts';
import { readPageFile } from '../../main/user-interface/page-file.ts';

describe('an address of the window', () => {
  const outside = mkdtempSync(join(tmpdir(), 'legwork-page-'));
  const folder = join(outside, 'renderer');

  beforeAll(() => {
    for (const name of ['renderer/assets', 'renderer-secret']) mkdirSync(join(outside, name), { recursive: true });
    for (const name of ['secrets.json', 'renderer-secret/index.html']) writeFileSync(join(outside, name), 'secret');
    writeFileSync(join(folder, 'index.html'), 'the page');
    writeFileSync(join(folder, 'native.node'), 'a library');
    writeFileSync(join(folder, 'assets/main-1.js'), 'the program');
    symlinkSync(join(outside, 'secrets.json'), join(folder, 'link.json'));
  });
  afterAll(() => rmSync(outside, { recursive: true, force: true }));

  const read = async (address: string): Promise<string | null> => {
    const path = pathOf(address);
    const file = path === null ? null : await readPageFile(folder, path);
    return file === null ? null : `${file.contentType}: ${file.content.toString()}`;
  };

  it('stands for a file of the page', async () => {
    expect(await read('app://legwork/')).toBe('text/html; charset=utf-8: the page');
    expect(await read('app://legwork/#/history')).toBe('text/html; charset=utf-8: the page');
    expect(await read('app://legwork/assets/main-1.js')).toBe('text/javascript; charset=utf-8: the program');
  });

  it.each([
    'app://legwork/../secrets.json',
    'app://legwork/%2e%2e/secrets.json',
    'app://legwork/..%2fsecrets.json',
    'app://legwork/assets/..%2f..%2fsecrets.json',
    'app://legwork/..%2frenderer-secret%2findex.html',
    'app://legwork/link.json',
    'app://legwork/..%5csecrets.json',
    'app://legwork/C:%5csecrets.json',
    'app://legwork/index.html%00.js',
    'app://legwork/%E0%A4%A',
    'app://legwork/native.node',
    'app://legwork/assets',
    'app://other/index.html',
    'app://user@other/index.html',
    'app://legwork:80/index.html',
    'file:///etc/passwd.html',
    'not an address',
  ])('never leads out of the folder: %s', async (address) => {
    expect(await read(address)).toBeNull();
  });
});

describe('a message over IPC', () => {
  const own = { url: 'app://legwork/index.html', isMainFrame: true, isOwnWindow: true };

  it('is answered to the main frame of our own window', () => {
    expect(isTrustedSender(own)).toBe(true);
    expect(isTrustedSender({ ...own, url: 'app://legwork/#/history' })).toBe(true);
  });

  it.each([
    { ...own, isMainFrame: false },
    { ...own, isOwnWindow: false },
    { ...own, url: null },
    { ...own, url: 'https://legwork/' },
    { ...own, url: 'app://legwork.example.org/' },
    { ...own, url: 'app://legwork:81/' },
    { ...own, url: 'app://user:password@legwork/' },
    { ...own, url: 'about:blank' },
    { ...own, url: '' },
  ])('is not answered otherwise: %o', (sender) => {
    expect(isTrustedSender(sender)).toBe(false);
  });
});

describe('the page', () => {
  it('stays on its own origin', () => {
    expect(mayNavigate('app://legwork/#/logs')).toBe(true);
    expect(mayNavigate('app://legwork.example.org/')).toBe(false);
    expect(mayNavigate('https://example.org/')).toBe(false);
    expect(mayNavigate('javascript:alert(1)')).toBe(false);
  });

  it('has only https addresses opened, without a password in them', () => {
    expect(mayOpenExternally('https://example.org/a?b')).toBe(true);
    for (const url of [
      'http://example.org/',
      'file:///etc/passwd',
      'smb://host/share',
      'https://user:password@example.org/',
      'ms-settings:',
      '//example.org',
      `https://example.org/${'x'.repeat(9_000)}`,
    ]) {
      expect(mayOpenExternally(url)).toBe(false);
    }
  });
});
