import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { contract } from '../../preload/contract.ts';
import { UiStack, type World } from './ui-stack.ts';

let stack: UiStack;
afterEach(() => stack.close());

const start = async (world: World = {}): Promise<void> => {
  stack = await new UiStack(world).start();
};
const fileOf = (): unknown => JSON.parse(readFileSync(join(stack.folder, 'config.json'), 'utf8'));
const valueOf = async (key: string): Promise<unknown> =>
  (await stack.call('settings', null)).find((setting) => setting.key === key)?.value;

describe('settings', () => {
  it('are described for a form, without what is secret or set otherwise', async () => {
    await start();
    const settings = contract.calls.settings.answer.parse(await stack.call('settings', null));
    const keys = settings.map(({ key }) => key);
    expect(keys).toContain('maxConcurrentTasks');
    for (const hidden of ['secret', 'workerId', 'hubUrl', 'dataFolder']) expect(keys).not.toContain(hidden);
    expect(settings.find(({ key }) => key === 'logLevel')).toMatchObject({
      source: 'default',
      applies: 'restart',
      schema: { enum: ['debug', 'info', 'warn', 'error'] },
    });
    expect(settings.find(({ key }) => key === 'maxConcurrentTasks')).toMatchObject({
      applies: 'now',
      schema: { type: 'integer', minimum: 1, maximum: 32 },
    });
  });

  it('apply at once, are kept, and leave the file when they are the default again', async () => {
    await start();
    writeFileSync(join(stack.folder, 'config.json'), '{"label": "kept"}');
    const fallback = await valueOf('maxConcurrentTasks');
    expect(await stack.call('changeSettings', { values: { maxConcurrentTasks: 7 } })).toEqual({
      kind: 'changed',
      applied: ['maxConcurrentTasks'],
      afterRestart: [],
    });
    expect(stack.ui.snapshot().concurrency.max).toBe(7);
    expect(fileOf()).toEqual({ label: 'kept', maxConcurrentTasks: 7 });
    await stack.call('changeSettings', { values: { maxConcurrentTasks: fallback } });
    expect(fileOf()).toEqual({ label: 'kept' });
  });

  it('that need a new start get one when nothing runs', async () => {
    await start();
    const { taskId } = await stack.call('enqueue', {
      type: 'website_html',
      payload: { url: 'https://a.example/hang' },
    });
    await stack.until(({ running }) => running.length === 1);
    const before = stack.keeper.agent;
    expect(await stack.call('changeSettings', { values: { recycleAfterPages: 3, label: 'new name' } })).toEqual({
      kind: 'changed',
      applied: ['recycleAfterPages'],
      afterRestart: ['label'],
    });
    expect(stack.keeper.agent).toBe(before);
    await stack.call('cancelTask', { taskId });
    await stack.until(() => stack.keeper.agent !== null && stack.keeper.agent !== before);
    expect(await valueOf('label')).toBe('new name');
    expect((await stack.until(({ activity }) => activity === 'idle')).recent).toMatchObject([{ outcome: 'cancelled' }]);
  });

  it('are refused together when one is wrong, and nothing changes', async () => {
    await start({ environment: { LEGWORK_LABEL: 'from outside' } });
    const answer = await stack.call('changeSettings', {
      values: {
        maxConcurrentTasks: 0,
        disabledTaskTypes: ['website_html'],
        label: 'mine',
        dataFolder: '/tmp',
        nonsense: 1,
      },
    });
    expect(answer).toMatchObject({ kind: 'refused' });
    const sentences = Object.fromEntries(
      (answer.kind === 'refused' ? answer.issues : []).map(({ key, sentence }) => [key, sentence]),
    );
    expect(sentences['maxConcurrentTasks']).toContain('from 1 to 32');
    expect(sentences['label']).toContain('LEGWORK_LABEL');
    expect(Object.keys(sentences)).toEqual(['maxConcurrentTasks', 'label', 'dataFolder', 'nonsense']);
    expect(existsSync(join(stack.folder, 'config.json'))).toBe(false);
    const unknownType = await stack.call('changeSettings', { values: { disabledTaskTypes: ['no_such_type'] } });
    expect(unknownType).toMatchObject({ kind: 'refused', issues: [{ key: 'disabledTaskTypes' }] });
  });

  it('switch a task type off and on', async () => {
    await start();
    await stack.call('changeSettings', { values: { disabledTaskTypes: ['lighthouse_html'] } });
    const types = contract.calls.taskTypes.answer.parse(await stack.call('taskTypes', null));
    expect(types.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['website_html', true],
      ['lighthouse_html', false],
    ]);
    const task = { type: 'lighthouse_html', payload: { url: 'https://a.example/' } };
    expect(await stack.failure('enqueue', task)).toMatchObject({ code: 'type_disabled' });
    await stack.call('changeSettings', { values: { disabledTaskTypes: [] } });
    await stack.done('/', 'lighthouse_html');
  });

  it('show no password, and keep it when the form gives the masked one back', async () => {
    await start();
    const proxy = 'http://someone:password-of-the-test@proxy.example:3128';
    await stack.call('changeSettings', { values: { upstreamProxy: proxy } });
    const shown = await valueOf('upstreamProxy');
    expect(String(shown)).not.toContain('password-of-the-test');
    await stack.call('changeSettings', { values: { upstreamProxy: shown, maxConcurrentTasks: 2 } });
    expect(fileOf()).toMatchObject({ upstreamProxy: proxy });
  });

  it('say that a broken file is broken, and leave it as it is', async () => {
    await start();
    writeFileSync(join(stack.folder, 'config.json'), '{ broken');
    expect(await stack.call('changeSettings', { values: { maxConcurrentTasks: 2 } })).toMatchObject({
      kind: 'refused',
    });
    expect(readFileSync(join(stack.folder, 'config.json'), 'utf8')).toBe('{ broken');
  });
});

describe('the first run', () => {
  it('is over once somebody has gone through it, also after a new start', async () => {
    await start();
    expect(stack.ui.snapshot().firstRun).toBe(true);
    await stack.call('finishFirstRun', null);
    expect((await stack.until(({ firstRun }) => !firstRun)).firstRun).toBe(false);
  });
});
