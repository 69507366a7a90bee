import { describe, expect, it } from 'vitest';
import {
  readCredentials,
  storeEnrolledCredentials,
  storeRotatedCredentials,
} from '../../../main/agent/secrets/credentials.ts';
import type { SecretStore } from '../../../main/agent/secrets/secret-store.ts';

function memoryStore(): SecretStore {
  const values = new Map<string, string>();
  return {
    read: (name) => Promise.resolve(values.get(name) ?? null),
    write: (name, value) => Promise.resolve(void values.set(name, value)),
    delete: (name) => Promise.resolve(void values.delete(name)),
  };
}

const nothing = { hubUrl: null, workerId: null, secret: null };
const enrolled = { hubUrl: 'https://hub.example', workerId: 'w1', secret: 'enrolled-secret-0001' };
const configured = { hubUrl: 'https://hub.example', workerId: 'w9', secret: 'configured-secret-09' };

describe('credentials', () => {
  it('are those of the enrolment when nothing is configured', async () => {
    const store = memoryStore();
    expect(await readCredentials(nothing, store)).toBeNull();
    await storeEnrolledCredentials(enrolled, store);
    expect(await readCredentials(nothing, store)).toEqual(enrolled);
    expect(await readCredentials({ ...nothing, hubUrl: enrolled.hubUrl }, store)).toEqual(enrolled);
  });

  it('of one hub are never sent to another', async () => {
    const store = memoryStore();
    await storeEnrolledCredentials(enrolled, store);
    expect(await readCredentials({ ...nothing, hubUrl: 'https://evil.example' }, store)).toBeNull();
    expect(await readCredentials({ ...nothing, workerId: 'w2' }, store)).toBeNull();
  });

  it('are the configured ones when there are any, and none when those are not complete', async () => {
    const store = memoryStore();
    await storeEnrolledCredentials(enrolled, store);
    expect(await readCredentials(configured, store)).toEqual(configured);
    expect(await readCredentials({ ...configured, workerId: null }, memoryStore())).toBeNull();
  });

  it('follow a rotation until the configured secret is changed by hand', async () => {
    const store = memoryStore();
    const rotated = { ...configured, secret: 'rotated-secret-00001' };
    await storeRotatedCredentials(rotated, configured.secret, store);
    expect(await readCredentials(configured, store)).toEqual(rotated);
    const twice = { ...configured, secret: 'rotated-secret-00002' };
    await storeRotatedCredentials(twice, configured.secret, store);
    expect(await readCredentials(configured, store)).toEqual(twice);
    const changed = { ...configured, secret: 'changed-by-hand-0001' };
    expect(await readCredentials(changed, store)).toEqual(changed);
  });
});
