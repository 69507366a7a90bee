import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeProfile } from '../../main/browser/remove-profile.ts';

let folder: string;
let profile: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'legwork-profile-'));
  profile = join(folder, 'profile');
  await mkdir(profile);
});

afterEach(() => rm(folder, { recursive: true, force: true }));

test('the socket folder of a killed Chromium goes with its profile', async () => {
  const socketFolder = await mkdtemp(join(tmpdir(), 'org.chromium.Chromium.'));
  await writeFile(join(socketFolder, 'SingletonSocket'), '');
  await symlink(join(socketFolder, 'SingletonSocket'), join(profile, 'SingletonSocket'));
  await removeProfile(profile);
  expect(existsSync(profile)).toBe(false);
  expect(existsSync(socketFolder)).toBe(false);
});

test('a link that leads anywhere else takes nothing with it', async () => {
  const others = join(folder, 'org.chromium.Chromium.others');
  await mkdir(others);
  await symlink(join(others, 'SingletonSocket'), join(profile, 'SingletonSocket'));
  expect(dirname(await readlink(join(profile, 'SingletonSocket')))).toBe(others);
  await removeProfile(profile);
  expect(existsSync(others)).toBe(true);
  expect(existsSync(profile)).toBe(false);
});

test('a profile that is gone already is fine', async () => {
  await removeProfile(join(folder, 'nothing'));
});
