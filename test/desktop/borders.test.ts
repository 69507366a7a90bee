import { describe, expect, it } from 'vitest';
import { resolveAsset } from '../../main/desktop/assets/resolve-asset.ts';
import { isTrustedSender } from '../../main/desktop/ipc/is-trusted-sender.ts';
import { mayOpenExternally } from '../../main/desktop/shell/may-open-externally.ts';
import { mayNavigate } from '../../main/desktop/window/guard-contents.ts';

describe('an address of the window', () => {
  const folder = '/opt/legwork/renderer';

  it('stands for a file of the page', () => {
    expect(resolveAsset('app://legwork/', folder)?.path).toBe(`${folder}/index.html`);
    expect(resolveAsset('app://legwork/assets/main-1.js', folder)).toEqual({
      path: `${folder}/assets/main-1.js`,
      contentType: 'text/javascript; charset=utf-8',
    });
  });

  it.each([
    'app://legwork/../secrets.json',
    'app://legwork/%2e%2e/secrets.json',
    'app://legwork/..%2fsecrets.json',
    'app://legwork/assets/..%2f..%2f..%2fsecrets.json',
    'app://legwork/..%5csecrets.json',
    'app://legwork/C:%5csecrets.json',
    'app://legwork/index.html%00.js',
    'app://legwork/%E0%A4%A',
    'app://legwork/native.node',
    'app://other/index.html',
    'app://user@other/index.html',
    'file:///etc/passwd.html',
    'not an address',
  ])('never leads out of the folder: %s', (address) => {
    const asset = resolveAsset(address, folder);
    // Dots that the URL itself has taken away leave a path within the folder.
    expect(asset === null || asset.path === `${folder}/secrets.json`).toBe(true);
  });

  it('does not reach a folder whose name only begins alike', () => {
    expect(resolveAsset('app://legwork/..%2frenderer-secret%2findex.html', folder)).toBeNull();
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
