import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileSecretStore } from '../../../main/agent/secrets/file-secret-store.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-secrets-'));
  path = join(folder, 'data', 'secrets.json');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the secret file', () => {
  it('gives back what was written, to another process too, and null for the rest', async () => {
    const store = new FileSecretStore(path);
    expect(await store.read('a')).toBeNull();
    await store.write('a', 'first');
    await store.write('a', 'second');
    await store.write('b', 'other');
    await store.delete('b');
    await store.delete('never-there');
    const other = new FileSecretStore(path);
    expect(await other.read('a')).toBe('second');
    expect(await other.read('b')).toBeNull();
    expect(await other.read('constructor')).toBeNull();
  });

  it('loses no change when many are made at once', async () => {
    const store = new FileSecretStore(path);
    await Promise.all(Array.from({ length: 20 }, (_, index) => store.write(`name-${index}`, `value-${index}`)));
    for (let index = 0; index < 20; index += 1) expect(await store.read(`name-${index}`)).toBe(`value-${index}`);
    expect(await readdir(join(folder, 'data'))).toEqual(['secrets.json']);
  });

  it.skipIf(process.platform === 'win32')(
    'is closed to others, and closed again with a warning when it was open',
    async () => {
      const warnings: string[] = [];
      const store = new FileSecretStore(path, (message) => warnings.push(message));
      await store.write('a', 'value');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(warnings).toEqual([]);
      await chmod(path, 0o644);
      expect(await store.read('a')).toBe('value');
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      expect(warnings).toEqual([expect.stringContaining('mode 0644')]);
    },
  );

  it('says that it is damaged without quoting itself, and leaves it as it is', async () => {
    const store = new FileSecretStore(path);
    await store.write('a', 'value-of-a-secret');
    const damaged = (await readFile(path, 'utf8')).slice(0, -4);
    await writeFile(path, damaged);
    const error = await store.read('a').catch((thrown: unknown) => thrown as Error);
    expect(error).toMatchObject({ message: expect.stringContaining('is damaged') as string });
    expect(String(error)).not.toContain('value-of-a');
    await expect(store.write('b', 'x')).rejects.toThrow('is damaged');
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it('says why it cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const store = new FileSecretStore(join(folder, 'file', 'secrets.json'));
    await expect(store.write('a', 'value')).rejects.toThrow(/cannot be (read|written) \((ENOTDIR|EEXIST)\)/);
  });
});
