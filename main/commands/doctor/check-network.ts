import { connect } from 'node:net';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { PacFile } from '../../browser/network-guard/pac-file.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { parseUpstreamProxy } from '../../protocol/network/upstream-proxy.ts';
import { systemClock } from '../../protocol/ports.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';

const CONNECT_TIMEOUT_MS = 5_000;

/** Entries that open all that listens on this machine, to every page. */
const OPENS_THIS_MACHINE = /^(?:localhost|127(?:\.\d+){3}(?:\/\d+)?|\[?::1\]?):\*$/;

/** What pages may reach, and whether the proxy that the network demands is there. */
export async function checkNetwork(
  config: Pick<AgentConfig, 'allowedPrivateHosts' | 'blockedHosts' | 'upstreamProxy'>,
): Promise<CheckResult[]> {
  const results = [checkOpened(config.allowedPrivateHosts, config.blockedHosts)];
  if (config.upstreamProxy !== null) results.push(await checkProxy(config.upstreamProxy));
  return results;
}

function checkOpened(allowed: readonly string[], blocked: readonly string[]): CheckResult {
  const never = blocked.length === 0 ? '' : ` Never visited: ${blocked.join(', ')}.`;
  if (allowed.length === 0) return ok('network guard', `Pages reach public hosts only.${never}`);
  const detail = `Pages reach public hosts and ${allowed.join(', ')}.${never}`;
  if (!allowed.some((entry) => OPENS_THIS_MACHINE.test(entry))) return ok('network guard', detail);
  return warn('network guard', detail, 'Every web server of this machine is open to every page; name single ports.');
}

async function checkProxy(text: string): Promise<CheckResult> {
  const proxy = parseUpstreamProxy(text);
  const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
  try {
    if (proxy.kind === 'http') {
      await reach(proxy.host, proxy.port);
      return ok('proxy', `${proxy.host}:${proxy.port} can be reached.`);
    }
    const routes = await new PacFile(proxy.location, systemClock, silent).routesTo('example.com', 443);
    const names = routes.map((route) => (route === 'direct' ? 'no proxy' : `${route.host}:${route.port}`));
    if (names.length === 0) {
      return fail('proxy', 'The PAC file names no way to example.com that is supported.', 'SOCKS proxies are not.');
    }
    return ok('proxy', `The PAC file leads to example.com by way of ${names.join(', then ')}.`);
  } catch (error) {
    return fail(
      'proxy',
      `It does not work: ${describeError(error)}`,
      'Correct upstreamProxy; pages get out no other way.',
    );
  }
}

function reach(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_TIMEOUT_MS });
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => socket.destroy(new Error(`no answer within ${CONNECT_TIMEOUT_MS} ms`)));
    socket.once('error', reject);
  });
}
