import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { strFromU8, unzipSync } from 'fflate';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { startTestHub } from '../hub/support/test-hub.ts';
import { UiStack } from './ui-stack.ts';

let stack: UiStack;
beforeEach(async () => {
  stack = await new UiStack().start();
});
afterEach(() => stack.close());

it('makes an archive that helps, without a secret, a query of a URL or what pages contain', async () => {
  const hub = await startTestHub();
  const token = hub.hub.createEnrolmentToken();
  await stack.call('changeSettings', {
    values: { upstreamProxy: 'http://proxy-user:proxy-password-7@127.0.0.1:9', label: 'machine of the test' },
  });
  await stack.call('changeSettings', { values: { upstreamProxy: null } });
  await stack.call('enrol', { hubUrl: hub.url, token });
  await stack.until((snapshot) => snapshot.hub?.link === 'connected');
  const { taskId } = await stack.call('enqueue', {
    type: 'website_html',
    payload: {
      url: 'https://visited.example/ok?session=query-secret-1#fragment-secret-2',
      cookies: [{ name: 'session', value: 'cookie-secret-3', domain: 'visited.example', path: '/' }],
      extraHeaders: { Authorization: 'Bearer header-secret-4' },
    },
  });
  await stack.until(({ recent }) => recent.some((task) => task.taskId === taskId));
  await stack.keeper.crashed(
    new Error('at https://visited.example/x?key=query-secret-5 with "wss://a.example/?t=query-secret-6"'),
  );
  await stack.until(({ activity }) => activity === 'idle');
  const secrets = readFileSync(join(stack.folder, 'secrets.json'), 'utf8');
  const { secret } = JSON.parse(String((JSON.parse(secrets) as Record<string, string>)['hub-credentials'])) as {
    secret: string;
  };

  const saved = await stack.call('saveDiagnostics', null);
  const path = join(stack.folder, 'downloads', ('path' in saved ? saved.path : '').replace('download/', ''));
  const files = unzipSync(readFileSync(path));
  expect(Object.keys(files).toSorted()).toEqual([
    'configuration.json',
    'database.json',
    'doctor.json',
    'logs/legwork.log',
    'state.json',
    'storage.json',
    'versions.json',
  ]);
  const everything = Object.values(files)
    .map((content) => strFromU8(content))
    .join('\n');
  expect(everything).toContain('the agent failed');
  expect(everything).toContain('machine of the test');
  expect(everything).toContain('made up');
  for (const forbidden of [
    secret,
    Buffer.from(secret).toString('base64'),
    token,
    token.slice(-40),
    'query-secret',
    'fragment-secret',
    'cookie-secret',
    'header-secret',
    'proxy-password',
    'tracker.example',
    'evil.example',
  ]) {
    expect(everything).not.toContain(forbidden);
  }
});
