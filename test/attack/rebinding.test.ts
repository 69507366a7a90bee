import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DirectDialer, type Dialer, type DialTarget } from '../../main/browser/network-guard/dialer.ts';
import { LegworkError } from '../../main/protocol/error-table.ts';
import { HEADLESS_SHELL_PATH } from '../browser/render.ts';
import { AttackLane, ownAddresses, wordOf } from './attack-lane.ts';

const PUBLIC_ADDRESS = '93.184.216.34';

/** What a name that was public answers the second time, and the rule that it breaks then. */
const TURNS: readonly (readonly [addresses: readonly string[], rule: string])[] = [
  [['127.0.0.1'], 'loopback'],
  [['::1'], 'loopback'],
  [['::ffff:127.0.0.1'], 'mapped'],
  [['10.0.0.1'], 'private'],
  [['172.16.5.4'], 'private'],
  [['192.168.1.1'], 'private'],
  [['169.254.169.254'], 'link_local'],
  [['100.64.0.1'], 'carrier_nat'],
  [['0.0.0.0'], 'unspecified'],
  [['::'], 'unspecified'],
  [['fe80::1'], 'link_local'],
  [['fd00:ec2::254'], 'unique_local'],
  [['64:ff9b::7f00:1'], 'nat64'],
  [['2002:7f00:1::1'], 'six_to_four'],
  [['224.0.0.251'], 'multicast'],
  [['198.18.0.1'], 'benchmarking'],
  [[PUBLIC_ADDRESS, '127.0.0.1'], 'loopback'],
  [[PUBLIC_ADDRESS, '::1'], 'loopback'],
];

/** Tries everything that opens a connection to the page's own name, and says when all of it has ended. */
const TRY_AGAIN = `<script>
  const URL = location.origin + '/way/rebound';
  const ends = (target, ...names) => new Promise((resolve) => names.forEach((name) => target.addEventListener(name, resolve)));
  const element = (name, values) => {
    const made = Object.assign(document.createElement(name), values);
    const ended = ends(made, 'load', 'error');
    document.body.append(made);
    return ended;
  };
  addEventListener('load', async () => {
    await Promise.all([
      fetch(URL).catch(() => {}),
      fetch(URL, { method: 'POST', body: 'x' }).catch(() => {}),
      ends(new WebSocket(URL.replace('http', 'ws')), 'error', 'open'),
      ends(new EventSource(URL), 'error', 'open'),
      element('img', { src: URL }),
      element('iframe', { src: URL }),
      element('script', { src: URL }),
    ]);
    navigator.sendBeacon(URL, 'x');
    document.body.append(Object.assign(document.createElement('p'), { id: 'ended' }));
  });
</script>`;

describe.skipIf(HEADLESS_SHELL_PATH === null)('a name that turns private', () => {
  let lane: AttackLane;
  let patient: AttackLane;
  const dialled: DialTarget[] = [];

  /** The attack site plays what is public; everything else would really be dialled. */
  const dialer = (sitePort: () => number): Dialer => {
    const direct = new DirectDialer();
    return {
      dial: (target, signal) => {
        dialled.push(target);
        const isPublic = target.addresses[0] === PUBLIC_ADDRESS;
        return direct.dial(isPublic ? { ...target, addresses: ['127.0.0.1'], port: sitePort() } : target, signal);
      },
    };
  };

  const answers = (): ((name: string) => readonly string[] | null) => {
    const turned = new Set<string>();
    return (name) => {
      const turn = TURNS[Number(/^turn-(\d+)\.example$/.exec(name)?.[1])];
      if (turn === undefined) return null;
      if (turned.has(name)) return turn[0];
      turned.add(name);
      return [PUBLIC_ADDRESS];
    };
  };

  beforeAll(async () => {
    const parts = { guard: 'on', dialer: (site: { port: number }) => dialer(() => site.port) } as const;
    lane = await AttackLane.start({ ...parts, answers: answers(), keepAnswersMs: 0 });
    patient = await AttackLane.start({ ...parts, answers: answers() });
    for (const each of [lane, patient]) each.site.pages.set('/rebind', TRY_AGAIN);
  });

  afterAll(async () => {
    await lane.close();
    await patient.close();
  });

  const visit = (target: AttackLane, index: number): ReturnType<AttackLane['visit']> =>
    target.visit(`http://turn-${index}.example:${target.canary.port}/rebind`, { waitForSelector: '#ended' });

  test.each(TURNS.map(([addresses, rule], index) => ({ to: addresses.join(' and '), rule, index })))(
    'to $to leads nowhere: $rule',
    async ({ rule, index }) => {
      const outcome = await visit(lane, index);
      expect(wordOf(outcome)).toBe(`completed without ${rule}`);
      if (outcome instanceof LegworkError) throw outcome;
      expect(outcome.network.refused).toMatchObject([{ host: `turn-${index}.example`, port: lane.canary.port, rule }]);
      expect(outcome.network.refusedConnections).toBeGreaterThanOrEqual(7);
    },
  );

  test('while its answer is kept stays at the address that was checked', async () => {
    const before = dialled.length;
    expect(wordOf(await visit(patient, 0))).toBe('completed');
    expect(new Set(dialled.slice(before).flatMap(({ addresses }) => addresses))).toEqual(new Set([PUBLIC_ADDRESS]));
  });

  test.each(TURNS.map(([addresses], index) => ({ to: addresses.join(' and '), index })))(
    'between two visits to $to is not visited again',
    async ({ index }) => {
      const [, rule] = TURNS[index] ?? [];
      expect(wordOf(await visit(lane, index))).toBe(`url_refused ${rule}`);
    },
  );

  test('is dialled at no address that was not checked, and the canary sees nothing', () => {
    const others = dialled.flatMap(({ addresses }) => addresses).filter((address) => address !== PUBLIC_ADDRESS);
    expect(others.filter((address) => address !== '127.0.0.1')).toEqual([]);
    for (const each of [lane, patient]) {
      expect(each.canary.connections).toBe(0);
      expect(each.canary.visits).toEqual([]);
    }
    expect(ownAddresses().filter((address) => others.includes(address))).toEqual([]);
  });
});
