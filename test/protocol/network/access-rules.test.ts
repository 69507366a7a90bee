import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, test } from 'vitest';
import { AccessRules, readEndpoint } from '../../../main/protocol/network/access-rules.ts';
import { AllowList } from '../../../main/protocol/network/allow-list.ts';
import { BlockedHostError, BlockedHosts } from '../../../main/protocol/network/blocked-hosts.ts';
import { OwnNetworks } from '../../../main/protocol/network/own-networks.ts';
import { systemClock } from '../../../main/protocol/ports.ts';

/** Names that the test's own answerer knows. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  'public.example.com': ['93.184.216.34', '2606:2800:220:1::1'],
  'private.example.com': ['192.168.1.1'],
  'mixed.example.com': ['93.184.216.34', '10.0.0.1'],
  'mixed6.example.com': ['93.184.216.34', 'fd00::1'],
  'zoned.example.com': ['fe80::1%eth0'],
  'mapped.example.com': ['::ffff:10.1.0.1'],
  'neighbour.example.com': ['2a01:db9:1:2::77'],
  'office.example.com': ['145.90.3.4'],
  'intranet.example.com': ['10.1.0.1'],
  'hub.example.com': ['93.184.216.34'],
  'hub.intranet.example.com': ['10.1.0.9'],
  'nowhere.intranet.example.com': ['0.0.0.0'],
  localhost: ['127.0.0.1', '::1'],
  nas: ['192.168.1.9'],
};

const card = (cidr: string, internal = false): NetworkInterfaceInfo =>
  ({ address: cidr.split('/')[0], cidr, internal }) as NetworkInterfaceInfo;

function rules(allow: readonly string[] = [], hub: string | null = null): AccessRules {
  return new AccessRules({
    allowList: new AllowList(allow),
    blockedHosts: new BlockedHosts(['blocked.example.com', 'bücher.example', '93.184.216.99']),
    hub: hub === null ? null : readEndpoint(hub),
    ownNetworks: new OwnNetworks(systemClock, () => ({
      lo: [card('127.0.0.1/8', true), card('::1/128', true)],
      eth0: [card('10.1.0.5/24'), card('145.90.3.2/24'), card('2a01:db9:1:2::5/128'), card('fe80::5/64')],
      ppp0: [card('81.2.3.4/8')],
    })),
    resolve: async (name) => {
      const addresses = NAMES[name];
      if (addresses === undefined) throw new Error('unknown');
      return addresses;
    },
    isOwnPort: (port) => port === 45_000,
  });
}

async function outcome(
  target: string,
  port: number,
  allow: readonly string[] = [],
  hub: string | null = null,
): Promise<string> {
  const access = await rules(allow, hub).judge(target, port);
  if (access.kind === 'refused') return access.refusal.rule;
  return access.kind === 'allowed' ? access.addresses.join(' ') : access.kind;
}

describe('without anything opened', () => {
  test.each([
    ['public.example.com', 443, '93.184.216.34 2606:2800:220:1::1'],
    ['PUBLIC.Example.COM.', 80, '93.184.216.34 2606:2800:220:1::1'],
    ['93.184.216.34', 8443, '93.184.216.34'],
    ['2606:2800:220:1::1', 8080, '2606:2800:220:1::1'],
    ['::ffff:93.184.216.34', 80, '93.184.216.34'],
    ['public.example.com', 3000, 'port'],
    ['public.example.com', 22, 'port'],
    ['public.example.com', 0, 'port'],
    ['private.example.com', 443, 'private'],
    ['mixed.example.com', 443, 'private'],
    ['mixed6.example.com', 443, 'unique_local'],
    ['zoned.example.com', 443, 'zone'],
    ['mapped.example.com', 443, 'mapped'],
    ['fe80::1%eth0', 443, 'zone'],
    ['missing.example.com', 443, 'not_resolved'],
    ['localhost', 443, 'loopback'],
    ['LOCALHOST.', 443, 'loopback'],
    ['a.b.localhost', 443, 'loopback'],
    ['localhost.localdomain', 443, 'loopback'],
    ['nas', 443, 'local_name'],
    ['printer.local', 443, 'local_name'],
    ['metadata.google.internal', 80, 'local_name'],
    ['router.home.arpa', 80, 'local_name'],
    ['127.1', 80, 'loopback'],
    ['2130706433', 80, 'loopback'],
    ['0x7f000001', 80, 'loopback'],
    ['017700000001', 80, 'loopback'],
    ['0300.0250.1.1', 80, 'private'],
    ['127.0.0.1.', 80, 'loopback'],
    ['①②⑦.⓪.⓪.①', 80, 'loopback'],
    ['ｌｏｃａｌｈｏｓｔ', 80, 'loopback'],
    ['127。0。0。1', 80, 'loopback'],
    ['::ffff:7f00:1', 80, 'loopback'],
    ['::127.0.0.1', 80, 'compatible'],
    ['', 80, 'invalid_name'],
    ['.', 80, 'invalid_name'],
    ['a..example', 80, 'invalid_name'],
    ['public.example.com\0.evil.example', 80, 'invalid_name'],
    ['user@public.example.com', 80, 'invalid_name'],
    ['public.example.com:80', 80, 'invalid_name'],
    ['public.example.com/x', 80, 'invalid_name'],
    ['[::1]', 80, 'invalid_name'],
    ['256.256.256.256', 80, 'invalid_name'],
    [`${'a'.repeat(64)}.example`, 80, 'invalid_name'],
    ['a.'.repeat(127) + 'a', 80, 'invalid_name'],
    // In this machine's own networks, though the addresses look public
    ['neighbour.example.com', 443, 'own_network'],
    ['office.example.com', 443, 'own_network'],
    ['145.90.3.2', 443, 'own_network'],
    ['81.2.3.4', 443, 'own_network'],
    ['81.99.99.99', 443, '81.99.99.99'],
  ])('%s on port %i: %s', async (target, port, expected) => {
    expect(await outcome(target, port)).toBe(expected);
  });
});

describe('with something opened', () => {
  test.each([
    ['a name', ['private.example.com'], 'private.example.com', 443, '192.168.1.1'],
    ['a name opens no address', ['private.example.com'], '192.168.1.1', 443, 'private'],
    ['a name opens no other port', ['private.example.com'], 'private.example.com', 3000, 'private'],
    ['a name and its port', ['private.example.com:3000'], 'private.example.com', 3000, '192.168.1.1'],
    [
      'a public name and its port',
      ['public.example.com:3000'],
      'public.example.com',
      3000,
      '93.184.216.34 2606:2800:220:1::1',
    ],
    ['a port for all', ['*:3000'], 'public.example.com', 3000, '93.184.216.34 2606:2800:220:1::1'],
    ['a port for all opens nothing private', ['*:3000'], 'private.example.com', 3000, 'private'],
    ['a range', ['192.168.0.0/16'], 'private.example.com', 443, '192.168.1.1'],
    ['half of the answers is not enough', ['93.0.0.0/8'], 'mixed.example.com', 443, 'private'],
    ['all of the answers', ['10.0.0.0/24'], 'mixed.example.com', 443, '93.184.216.34 10.0.0.1'],
    ['a mapped address is the one inside', ['10.1.0.1'], 'mapped.example.com', 443, '10.1.0.1'],
    ['a local name', ['nas'], 'nas', 443, '192.168.1.9'],
    ['localhost', ['localhost:8081'], 'localhost', 8081, '127.0.0.1 ::1'],
    ['a neighbour', ['2a01:db9:1:2::/64'], 'neighbour.example.com', 443, '2a01:db9:1:2::77'],
    ['never 0.0.0.0', ['*.intranet.example.com'], 'nowhere.intranet.example.com', 443, 'unspecified'],
    ['never multicast', ['224.0.0.0/8'], '224.0.0.251', 443, 'multicast'],
    ['never a dangerous port', ['localhost:*'], 'localhost', 6379, 'port'],
    ['never a port of our own', ['127.0.0.0/8:*'], '127.0.0.3', 45_000, 'own_port'],
    ['never a port of our own by the outer address', ['10.1.0.0/16:*'], '10.1.0.5', 45_000, 'own_port'],
    ['the same port elsewhere', ['10.1.0.0/16:*'], '10.1.0.6', 45_000, '10.1.0.6'],
  ])('%s', async (_what, allow, target, port, expected) => {
    expect(await outcome(target, port, allow)).toBe(expected);
  });
});

describe('blocked hosts', () => {
  test.each([
    ['the domain', 'blocked.example.com', 443, 'blocked_host'],
    ['in capitals, with a final dot', 'BLOCKED.Example.com.', 443, 'blocked_host'],
    ['a name below it', 'a.b.blocked.example.com', 80, 'blocked_host'],
    ['on a port that is not a site’s', 'blocked.example.com', 22, 'blocked_host'],
    ['in its own script', 'bücher.example', 443, 'blocked_host'],
    ['in full width', 'ｂüｃｈｅｒ.example', 443, 'blocked_host'],
    ['as IDNA writes it', 'shop.xn--bcher-kva.example', 443, 'blocked_host'],
    ['an address', '93.184.216.99', 443, 'blocked_host'],
    ['an address in another spelling', '0x5db8d863', 443, 'blocked_host'],
    ['not a name that only ends like it', 'notblocked.example.com', 443, 'not_resolved'],
    ['not the domain above it', 'public.example.com', 443, '93.184.216.34 2606:2800:220:1::1'],
  ])('%s', async (_what, target, port, expected) => {
    expect(await outcome(target, port)).toBe(expected);
  });

  test('win over what is allowed', async () => {
    expect(await outcome('blocked.example.com', 443, ['blocked.example.com', '*.example.com'])).toBe('blocked_host');
  });

  test.each(['', ' ', 'https://example.org', 'example.org/path', 'exa mple.org', 'a..b'])(
    '%j cannot be read',
    (text) => {
      expect(() => new BlockedHosts([text])).toThrow(BlockedHostError);
    },
  );
});

describe('the hub', () => {
  test.each([
    ['by its name', [], 'https://hub.example.com/base', 'HUB.example.com.', 443, 'hub'],
    ['its host on another port', [], 'https://hub.example.com', 'hub.example.com', 80, '93.184.216.34'],
    [
      'another site on the same public address',
      [],
      'https://hub.example.com',
      'public.example.com',
      443,
      '93.184.216.34 2606:2800:220:1::1',
    ],
    ['a public address under another name', [], '93.184.216.34:80', 'public.example.com', 80, 'hub'],
    [
      'a private one under another name',
      ['*.example.com:*'],
      'http://hub.intranet.example.com:81',
      'intranet.example.com',
      81,
      '10.1.0.1',
    ],
    ['a private one by its address', ['10.1.0.0/16:*'], 'http://hub.intranet.example.com:81', '10.1.0.9', 81, 'hub'],
    [
      'though its own name is opened',
      ['hub.intranet.example.com:81'],
      'http://hub.intranet.example.com:81',
      'hub.intranet.example.com',
      81,
      'hub',
    ],
    [
      'on this machine, by another of its addresses',
      ['127.0.0.0/8:*'],
      'http://127.0.0.1:8787',
      '127.9.9.9',
      8787,
      'hub',
    ],
    ['on this machine, by its outer address', ['10.1.0.5:8787'], 'http://localhost:8787', '10.1.0.5', 8787, 'hub'],
    ['on this machine, in IPv6', ['[::1]:8787'], '127.0.0.1:8787', '::1', 8787, 'hub'],
    ['somewhere that cannot be told now', ['10.1.0.1'], 'http://missing.example.com', '10.1.0.1', 80, 'hub'],
    ['another port of its machine', ['127.0.0.1:8788'], 'http://127.0.0.1:8787', '127.0.0.1', 8788, '127.0.0.1'],
  ])('%s', async (_what, allow, hub, target, port, expected) => {
    expect(await outcome(target, port, allow, hub)).toBe(expected);
  });
});
