import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readCredentials, storeEnrolledCredentials } from '../../main/agent/secrets/credentials.ts';
import { FileSecretStore } from '../../main/agent/secrets/file-secret-store.ts';
import { type Encryption, SafeStorageSecretStore } from '../../main/desktop/secrets/safe-storage-secret-store.ts';

/** A key ring that can be locked, and whose key can grow old. */
class KeyRing implements Encryption {
  #key = randomBytes(32);
  isLocked = false;
  isOutdated = false;

  async encrypt(text: string): Promise<Buffer> {
    if (this.isLocked) throw new Error('locked');
    const start = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#key, start);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([start, cipher.getAuthTag(), body]);
  }

  async decrypt(encrypted: Buffer): Promise<{ text: string; isOutdated: boolean }> {
    if (this.isLocked) throw new Error('locked');
    const decipher = createDecipheriv('aes-256-gcm', this.#key, encrypted.subarray(0, 12));
    decipher.setAuthTag(encrypted.subarray(12, 28));
    const text = decipher.update(encrypted.subarray(28), undefined, 'utf8') + decipher.final('utf8');
    return { text, isOutdated: this.isOutdated };
  }
}

const credentials = { hubUrl: 'https://hub.example.org', workerId: 'w1', secret: 'a-secret-of-many-characters' };
const nothing = { hubUrl: null, workerId: null, secret: null };

let folder: string;
let path: string;
let keyRing: KeyRing;
let store: SafeStorageSecretStore;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-secrets-'));
  path = join(folder, 'secrets.json');
  keyRing = new KeyRing();
  store = new SafeStorageSecretStore(new FileSecretStore(path), keyRing);
});
afterEach(() => rm(folder, { recursive: true }));

describe("secrets with the system's key", () => {
  it('are not in the file, and come back', async () => {
    await storeEnrolledCredentials(credentials, store);
    const content = await readFile(path, 'utf8');
    expect(content).not.toContain(credentials.secret);
    expect(content).not.toContain('hub.example.org');
    expect(await readCredentials(nothing, store)).toEqual(credentials);
    await store.delete('hub-credentials');
    expect(await readCredentials(nothing, store)).toBeNull();
  });

  it('that a headless start has left in the clear are sealed at the first reading', async () => {
    await storeEnrolledCredentials(credentials, new FileSecretStore(path));
    expect(await readCredentials(nothing, store)).toEqual(credentials);
    expect(await readFile(path, 'utf8')).not.toContain(credentials.secret);
  });

  it('are sealed anew when the system has a newer key', async () => {
    await store.write('name', 'value');
    const before = await readFile(path, 'utf8');
    keyRing.isOutdated = true;
    expect(await store.read('name')).toBe('value');
    expect(await readFile(path, 'utf8')).not.toBe(before);
  });

  it('say what to do when the key ring is locked', async () => {
    await store.write('name', 'value');
    keyRing.isLocked = true;
    await expect(store.read('name')).rejects.toThrow(/Unlock it/);
    await expect(store.write('name', 'other')).rejects.toThrow(/Unlock it/);
  });

  it('are not taken for damaged ones by a program without the key ring', async () => {
    await storeEnrolledCredentials(credentials, store);
    const headless = readCredentials(nothing, new FileSecretStore(path));
    await expect(headless).rejects.toThrow(/sealed with this person's key ring/);
  });
});
