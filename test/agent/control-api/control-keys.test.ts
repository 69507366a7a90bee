import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  CONTROL_KEY_FILE,
  openControlSecret,
  readControlSecret,
} from '../../../main/agent/control-api/control-keys.ts';
import { SecretStoreError } from '../../../main/agent/secrets/secret-store.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-control-keys-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const path = (): string => join(folder, CONTROL_KEY_FILE);
const open = (): Promise<string> => openControlSecret(folder, CONTROL_KEY_FILE);

it('is made once, for its owner alone', async () => {
  expect(await readControlSecret(folder, CONTROL_KEY_FILE)).toBeNull();
  const key = await open();
  expect(key).toMatch(/^[0-9a-f]{64}$/);
  expect(readFileSync(path(), 'utf8')).toBe(`${key}\n`);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
  expect(await open()).toBe(key);
  expect(await readControlSecret(folder, CONTROL_KEY_FILE)).toBe(key);
  expect(readdirSync(folder)).toEqual([CONTROL_KEY_FILE]);
});

it('that others could read is not trusted any more: there is a new one', async () => {
  const key = await open();
  chmodSync(path(), 0o644);
  expect(await readControlSecret(folder, CONTROL_KEY_FILE)).toBeNull();
  expect(await open()).not.toBe(key);
  expect(statSync(path()).mode & 0o777).toBe(0o600);
});

it.each(['', 'short', `${'x'.repeat(64)}\n`, `${'a'.repeat(64)}\n\n`])(
  'that is damaged (%j) is made anew',
  async (text) => {
    writeFileSync(path(), text, { mode: 0o600 });
    expect(await open()).toMatch(/^[0-9a-f]{64}$/);
  },
);

it('that cannot be written is said with its place', async () => {
  rmSync(folder, { recursive: true });
  const failure = open();
  await expect(failure).rejects.toThrow(SecretStoreError);
  await expect(failure).rejects.toThrow(path());
});
