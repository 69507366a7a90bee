import { rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../main/agent/queue/open-database.ts';
import { lockDataFolder } from '../../main/agent/queue/lock-data-folder.ts';
import { UiStack, type World } from './ui-stack.ts';

const LARGEST_MINIMUM_BYTES = 1024 ** 4;
const { bavail, bsize } = statfsSync(tmpdir());
const freeBytes = bavail * bsize;

let stack: UiStack;
afterEach(() => stack.close());

/** A stack whose data folder is prepared before its agent is started. */
async function start(world: World, prepare: (stack: UiStack) => void = () => undefined): Promise<void> {
  stack = await new UiStack(world).start({ agent: false });
  prepare(stack);
  await stack.keeper.start();
}

const database = ({ folder }: UiStack): string => join(folder, 'legwork.sqlite');

describe('an agent that cannot start says why, and the window still works', () => {
  it('with a database from a newer version, which is left as it is', async () => {
    await start({}, (own) => {
      openDatabase(database(own)).close();
      const newer = new Database(database(own));
      newer.pragma('user_version = 99990');
      newer.close();
    });
    expect(stack.ui.snapshot()).toMatchObject({
      activity: 'stopped',
      tray: 'attention',
      statusLine: 'The data is from a newer Legwork',
      problems: [{ code: 'database_newer', advice: expect.stringContaining('Update') }],
    });
    expect(await stack.failure('history', { filter: {}, offset: 0, limit: 1 })).toMatchObject({ code: 'no_history' });
    expect(await stack.failure('enqueue', { type: 'website_html', payload: {} })).toMatchObject({
      code: 'not_running',
    });
    expect((await stack.call('settings', null)).length).toBeGreaterThan(10);
    expect((await stack.call('storage', null)).databaseBytes).toBeGreaterThan(0);
  });

  it('with a damaged database, and starts once that is gone', async () => {
    await start({}, (own) => writeFileSync(database(own), 'this is no database, however long it is looked at'));
    expect(stack.ui.snapshot().problems).toMatchObject([{ code: 'database_damaged' }]);
    rmSync(database(stack));
    await stack.call('resume', null);
    expect((await stack.until(({ activity }) => activity === 'idle')).problems).toEqual([]);
  });

  it('while another Legwork uses the folder, and starts by itself when it is free', async () => {
    let lock: ReturnType<typeof lockDataFolder> | undefined;
    await start({}, ({ folder }) => (lock = lockDataFolder(folder)));
    const { problems, activity } = stack.ui.snapshot();
    expect(problems).toMatchObject([{ code: 'already_running' }]);
    expect(activity).toBe('stopped');
    lock?.release();
    await stack.until((snapshot) => snapshot.activity === 'idle');
  });

  it('without a sandbox, until the person allows it', async () => {
    await start({ hasSandbox: false });
    expect(stack.ui.snapshot()).toMatchObject({ tray: 'attention', problems: [{ code: 'no_sandbox' }] });
    await stack.call('changeSettings', { values: { allowNoSandbox: true } });
    const { problems, tray, sandbox } = await stack.until(({ activity }) => activity === 'idle');
    expect(problems).toMatchObject([{ code: 'no_sandbox', severity: 'notice' }]);
    expect({ tray, sandbox }).toEqual({ tray: 'idle', sandbox: false });
  });

  it('with a setting that is wrong', async () => {
    await start({}, ({ folder }) => writeFileSync(join(folder, 'config.json'), '{"maxConcurrentTasks": "many"}'));
    expect(stack.ui.snapshot().problems).toMatchObject([
      { code: 'configuration', sentence: expect.stringContaining('maxConcurrentTasks') },
    ]);
  });
});

describe('an agent that runs says what is wrong', () => {
  it('without a browser', async () => {
    await start({ browsers: 'none' });
    expect(stack.ui.snapshot()).toMatchObject({
      browser: { state: 'missing' },
      tray: 'attention',
      statusLine: 'No browser was found',
      problems: [{ code: 'browser_missing', advice: expect.stringContaining('legwork doctor') }],
    });
  });

  // No setting makes a larger disk than this look full.
  it.skipIf(freeBytes > LARGEST_MINIMUM_BYTES)('with a full disk', async () => {
    await start({ flags: { minimumFreeDiskBytes: String(LARGEST_MINIMUM_BYTES) } });
    const { problems } = stack.ui.snapshot();
    expect(problems).toMatchObject([{ code: 'disk_full', severity: 'attention' }]);
  });

  it('after a crash, and is started again with everything that it had', async () => {
    await start({});
    const taskId = await stack.done('/ok');
    const before = stack.keeper.agent;
    const seen = new Set<string>();
    stack.ui.subscribe((name, data) => {
      if (name === 'snapshot' && 'activity' in data) seen.add(data.activity);
    });
    await stack.keeper.crashed(new Error('something that nobody foresaw'));
    await stack.until(({ activity }) => activity === 'idle' && stack.keeper.agent !== before);
    expect(stack.ui.snapshot().recent).toMatchObject([{ taskId }]);
    expect(stack.lines.newest(50).map(({ message }) => message)).toContain('the agent failed');
    await stack.done('/ok');
  });
});

describe('stopping', () => {
  it('says why and for how many tasks it waits, and can be cut short', async () => {
    await start({});
    await stack.call('enqueue', { type: 'website_html', payload: { url: 'https://a.example/hang' } });
    await stack.until(({ running }) => running.length === 1);
    const stopped = stack.keeper.stop('drain', 'You have asked for it.');
    const draining = await stack.until(({ activity }) => activity === 'draining');
    expect(draining).toMatchObject({
      stopping: { reason: 'You have asked for it.', remaining: 1 },
      statusLine: 'Stopping: 1 task to finish',
    });
    await stack.keeper.stop('now', 'You have asked for it.');
    await stopped;
    expect(stack.ui.snapshot()).toMatchObject({ activity: 'stopped', stopping: null, running: [] });
    await stack.keeper.start();
    expect(stack.keeper.agent).toBeNull();
  });

  it('passes the wish to quit on to the program', async () => {
    await start({});
    await stack.call('quit', { how: 'drain' });
    await stack.call('quit', { how: 'now' });
    expect(stack.quits).toEqual(['drain', 'now']);
  });
});
