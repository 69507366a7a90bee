import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OPERATOR_KEY, PROGRAMS_TIMEOUT_MS, Stack, WORKER_SECRET } from './stack.ts';

let stack: Stack;
beforeEach(() => {
  stack = new Stack();
});
afterEach(() => stack.close());

/** The files that exist to hold a secret: the agent's secret store, the hub's key and its operator key. */
const SECRET_STORES = /^(secrets\.json|hub\.key|hub-key|operator-key)$/;

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !SECRET_STORES.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

it(
  'leaves no secret, signature, cookie or authorization in output, logs, databases or files of a whole run',
  async () => {
    const hub = await stack.startHub(['--log-level', 'debug']);
    const agent = stack.startAgent({
      environment: { LEGWORK_LOG_LEVEL: 'debug', NODE_ENV: 'development', HMAC_DEBUG: 'true' },
    });
    const [id = '', failing = ''] = await stack.enqueue(
      {
        url: `${stack.siteUrl}/page`,
        cookies: [{ name: 'session', value: 'cookie-of-the-operator' }],
        extraHeaders: { Authorization: 'Bearer authorization-of-the-operator' },
        basicAuth: { username: 'reader', password: 'password-of-the-operator' },
        har: true,
      },
      {
        url: 'http://127.0.0.1:1/refused',
        extraHeaders: { Authorization: 'Bearer authorization-of-the-operator' },
      },
    );
    expect(await stack.jobEnds(id)).toBe('completed');
    expect(await stack.jobEnds(failing)).toBe('failed');
    // A call that is refused is logged as well.
    await fetch(`${stack.hubUrl}/internal/handshake`, {
      method: 'POST',
      headers: {
        'X-Worker-Id': 'w',
        'X-Signature': `v1=${'ab'.repeat(32)}`,
        Authorization: 'Bearer a-wrong-key-of-somebody',
      },
    });
    agent.child.kill('SIGTERM');
    await agent.exited;
    hub.child.kill('SIGTERM');
    await hub.exited;

    const secrets = [
      WORKER_SECRET,
      OPERATOR_KEY,
      'cookie-of-the-operator',
      'cookie-of-the-site',
      'authorization-of-the-operator',
      'password-of-the-operator',
      Buffer.from('reader:password-of-the-operator').toString('base64'),
      'ab'.repeat(32),
      'a-wrong-key-of-somebody',
    ];
    const places: [string, Buffer][] = [
      ['output of the hub', Buffer.from(hub.output())],
      ['output of the agent', Buffer.from(agent.output())],
      ...filesIn(stack.folder).map((file): [string, Buffer] => [file, readFileSync(file)]),
    ];
    expect(places.map(([name]) => name).join()).toContain('legwork.sqlite');
    const found = places.flatMap(([name, bytes]) =>
      secrets.filter((secret) => bytes.includes(secret)).map((secret) => `${secret} in ${name}`),
    );
    expect(found).toEqual([]);
    for (const [name, bytes] of places) expect(bytes.toString('latin1'), name).not.toMatch(/v1=[0-9a-f]{64}/);
  },
  PROGRAMS_TIMEOUT_MS,
);
