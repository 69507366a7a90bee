import { describe, expect, it } from 'vitest';
import { maskSealed, PayloadVault } from '../../main/protocol/payload-vault.ts';

const payload = {
  url: 'https://example.org/',
  cookies: [{ name: 'session', value: 'of-the-operator' }],
  basicAuth: { username: 'reader', password: 'of-the-operator' },
  extraHeaders: { Authorization: 'Bearer of-the-operator' },
  timeoutMs: 30_000,
};

describe('the payload vault', () => {
  const vault = new PayloadVault(PayloadVault.createKey());

  it('gives back what it sealed, and shows nothing of it meanwhile', () => {
    const sealed = vault.seal(payload);
    expect(JSON.stringify(sealed)).not.toContain('of-the-operator');
    expect(sealed).toMatchObject({ url: payload.url, timeoutMs: 30_000 });
    expect(vault.open(sealed)).toEqual(payload);
    expect(maskSealed(sealed)).toEqual({ ...payload, cookies: '***', basicAuth: '***', extraHeaders: '***' });
  });

  it('leaves a payload without secrets as it is', () => {
    const plain = { url: 'https://example.org/', cookies: [], extraHeaders: {}, basicAuth: null };
    expect(vault.seal(plain)).toEqual(plain);
    expect(vault.open(plain)).toEqual(plain);
  });

  it('does not seal twice', () => {
    const sealed = vault.seal(payload);
    expect(vault.open(vault.seal(sealed))).toEqual(payload);
  });

  it('leaves sealed what another key, or another field, has sealed', () => {
    const sealed = vault.seal(payload);
    const other = new PayloadVault(PayloadVault.createKey());
    expect(other.open(sealed)).toEqual(sealed);
    const moved = { ...sealed, cookies: sealed['basicAuth'] ?? null };
    expect(vault.open(moved)['cookies']).toEqual(sealed['basicAuth']);
  });

  it('leaves what only looks sealed as it is', () => {
    const odd = { url: 'x', cookies: { $sealed: 'short' } };
    expect(vault.open(odd)).toEqual(odd);
  });
});
