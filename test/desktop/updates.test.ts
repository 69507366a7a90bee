import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { updateObstacle } from '../../main/desktop/updates/electron-updater-adapter.ts';
import { UpdateFlow, type Updater } from '../../main/desktop/updates/update-flow.ts';
import { signUpdate, verifyUpdate } from '../../main/desktop/updates/verify-update.ts';
import { ManualClock } from '../fakes/manual-clock.ts';
import { RecordingLog } from '../fakes/silent-log.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const privatePem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicBase64 = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
const manifest = { version: '2.0.0', files: [{ url: 'Legwork-2.0.0.AppImage', sha512: 'abc==', size: 4 }] };

function flowWith(updater: Updater | string, isQuiet = () => false) {
  const clock = new ManualClock();
  const restart = vi.fn();
  const flow = new UpdateFlow({ updater, clock, log: new RecordingLog(), restart, isQuiet });
  return { flow, clock, restart };
}

/** A server that has a newer version. */
function newer(overrides: Partial<Updater> = {}): Updater {
  return {
    check: async () => ({ version: '2.0.0', notes: null }),
    download: async (onPercent) => onPercent(50),
    install: () => {},
    ...overrides,
  };
}

describe('an update', () => {
  it('is found, fetched when the person agrees, and installed when the program ends', async () => {
    const install = vi.fn();
    const { flow, restart } = flowWith(newer({ install }));
    const states: string[] = [];
    flow.subscribe(() => states.push(flow.state().state));
    await flow.check();
    expect(flow.state()).toEqual({ state: 'available', version: '2.0.0', notes: null });
    expect(flow.finish()).toBe(false);
    await flow.download();
    expect(states).toEqual(['checking', 'available', 'downloading', 'downloading', 'ready']);
    flow.install();
    expect(restart).toHaveBeenCalledTimes(1);
    expect(install).not.toHaveBeenCalled();
    expect(flow.finish()).toBe(true);
    expect(install).toHaveBeenCalledWith({ startAgain: true });
  });

  it('is installed without a new start when the person has only quit', async () => {
    const install = vi.fn();
    const { flow } = flowWith(newer({ install }));
    await flow.check();
    await flow.download();
    expect(flow.finish()).toBe(true);
    expect(install).toHaveBeenCalledWith({ startAgain: false });
  });

  it('that is not there, or cannot be asked for, is a state as well', async () => {
    const none = flowWith(newer({ check: async () => null }));
    await none.flow.check();
    expect(none.flow.state().state).toBe('unavailable');
    const broken = flowWith(newer({ check: () => Promise.reject(new Error('no route to host')) }));
    await broken.flow.check();
    expect(broken.flow.state()).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('no route to host'),
    });
    const torn = flowWith(newer({ download: () => Promise.reject(new Error('sha512 checksum mismatch')) }));
    await torn.flow.check();
    await torn.flow.download();
    expect(torn.flow.state()).toMatchObject({
      state: 'failed',
      sentence: expect.stringContaining('could not be fetched'),
    });
    expect(torn.flow.finish()).toBe(false);
  });

  it('is neither fetched nor asked for in a copy that does not update itself', async () => {
    const { flow } = flowWith('Installed as a package.');
    await flow.check();
    await flow.download();
    expect(flow.state()).toEqual({ state: 'unsupported', sentence: 'Installed as a package.' });
  });

  it('that waits is installed once nothing has run for a while, never before', async () => {
    let isQuiet = false;
    const { flow, clock, restart } = flowWith(newer(), () => isQuiet);
    flow.start();
    await clock.advance(60_000);
    await flow.download();
    for (let minute = 0; minute < 10; minute += 1) await clock.advance(60_000);
    expect(restart).not.toHaveBeenCalled();
    isQuiet = true;
    for (let minute = 0; minute < 4; minute += 1) await clock.advance(60_000);
    expect(restart).not.toHaveBeenCalled();
    await clock.advance(60_000);
    expect(restart).toHaveBeenCalledTimes(1);
    flow.stop();
  });
});

describe('the signature of an update', () => {
  const signed = { ...manifest, legworkSignature: signUpdate(manifest, privatePem) };

  it('is that of the key which the program was built with', () => {
    expect(() => verifyUpdate(signed, publicBase64)).not.toThrow();
    const other = generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    expect(() => verifyUpdate(signed, other)).toThrow(/signature is wrong/);
  });

  it('is over the version and every file', () => {
    expect(() => verifyUpdate({ ...signed, version: '9.0.0' }, publicBase64)).toThrow(/wrong/);
    const [file] = signed.files;
    expect(() => verifyUpdate({ ...signed, files: [{ ...file, sha512: 'evil' }] }, publicBase64)).toThrow(/wrong/);
    const more = [...signed.files, { url: 'evil.AppImage', sha512: 'evil' }];
    expect(() => verifyUpdate({ ...signed, files: more }, publicBase64)).toThrow(/wrong/);
  });

  it('must be there', () => {
    expect(() => verifyUpdate(manifest, publicBase64)).toThrow(/not signed/);
  });
});

describe('a copy', () => {
  const facts = {
    isPackaged: true,
    platform: 'linux' as const,
    resourcesFolder: '/nowhere',
    environment: {},
    scratchFolder: '/nowhere',
    publicKey: 'key',
  };

  it('says why it does not update itself', async () => {
    expect(updateObstacle({ ...facts, isPackaged: false })).toMatch(/runs from its sources/);
    expect(updateObstacle({ ...facts, publicKey: '' })).toMatch(/without the key/);
    expect(updateObstacle(facts)).toMatch(/as a package or a folder/);
    const appImage = { ...facts, environment: { APPIMAGE: '/home/anna/Legwork.AppImage' } };
    expect(updateObstacle(appImage)).toMatch(/knows no server/);
    const folder = await mkdtemp(join(tmpdir(), 'legwork-update-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'app-update.yml'), 'provider: generic\n');
    expect(updateObstacle({ ...appImage, resourcesFolder: folder })).toBeNull();
  });

  it('that is packaged takes no other server from the environment', () => {
    const environment = { LEGWORK_UPDATE_FEED: 'http://evil.example', LEGWORK_UPDATE_PUBLIC_KEY: 'evil' };
    expect(updateObstacle({ ...facts, environment })).not.toBeNull();
  });
});
