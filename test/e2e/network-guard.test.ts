import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../support/free-port.ts';
import type { LegworkProgram } from '../support/legwork-program.ts';
import { PROGRAMS_TIMEOUT_MS, Stack } from './stack.ts';

describe('the network guard of an agent', { timeout: PROGRAMS_TIMEOUT_MS }, () => {
  let stack: Stack;
  let canary: Server;
  let visits: number;

  beforeEach(async () => {
    stack = new Stack();
    visits = 0;
    canary = createServer((_request, response) => {
      visits += 1;
      response.end('reached');
    });
    await new Promise<void>((resolve) => canary.listen(0, '127.0.0.1', resolve));
  });

  afterEach(async () => {
    canary.closeAllConnections();
    canary.close();
    await stack.close();
  });

  /** What the hub has recorded of a job to the address, in words. */
  async function outcomeOf(agent: LegworkProgram, url: string): Promise<string> {
    const [id = ''] = await stack.enqueue({ url });
    const agentEnds = agent.exited.then(() => {
      throw new Error(`The agent ended: ${agent.output()}`);
    });
    await Promise.race([stack.jobEnds(id), agentEnds]);
    return JSON.stringify(await stack.operator.job(id));
  }

  const canaryUrl = (host: string): string => `http://${host}:${(canary.address() as AddressInfo).port}/`;

  it('is on when the host has set nothing', async () => {
    await stack.startHub();
    const agent = stack.startAgent({ environment: { LEGWORK_ALLOWED_PRIVATE_HOSTS: '' } });
    expect(await outcomeOf(agent, canaryUrl('127.0.0.1'))).toMatch(
      /url_refused.*policy.*is refused by the rule loopback/,
    );
    expect(await outcomeOf(agent, canaryUrl('localhost.'))).toMatch(/url_refused.*is refused by the rule loopback/);
    expect(await outcomeOf(agent, 'http://192.168.77.1/')).toMatch(/url_refused.*is refused by the rule private/);
    expect(visits).toBe(0);
  });

  it('opens what the host names and nothing else: not the hub, not its own ports, no blocked domain', async () => {
    const controlPort = await freePort();
    await stack.startHub();
    const agent = stack.startAgent({
      environment: {
        LEGWORK_ALLOWED_PRIVATE_HOSTS: '127.0.0.1:*,localhost:*',
        LEGWORK_BLOCKED_HOSTS: 'localhost',
        LEGWORK_CONTROL_PORT: String(controlPort),
      },
    });
    expect(await outcomeOf(agent, canaryUrl('127.0.0.1'))).toContain('"status":"completed"');
    expect(visits).toBeGreaterThan(0);
    expect(await outcomeOf(agent, canaryUrl('localhost'))).toMatch(/url_refused.*is refused by the rule blocked_host/);
    expect(await outcomeOf(agent, `${stack.hubUrl}/healthz`)).toMatch(/url_refused.*is refused by the rule hub/);
    expect(await outcomeOf(agent, `http://127.0.0.1:${controlPort}/`)).toMatch(
      /url_refused.*is refused by the rule own_port/,
    );
  });
});
