import fc from 'fast-check';
import ipaddr from 'ipaddr.js';
import { describe, expect, test } from 'vitest';
import { canonicalAddress, judgeAddress, type AddressRule } from '../../../main/protocol/network/address-rules.ts';

const PUBLIC = [
  '1.1.1.1',
  '8.8.8.8',
  '9.255.255.255',
  '11.0.0.0',
  '100.63.255.255',
  '100.128.0.0',
  '126.255.255.255',
  '128.0.0.0',
  '169.253.255.255',
  '169.255.0.0',
  '172.15.255.255',
  '172.32.0.0',
  '192.0.1.0',
  '192.167.255.255',
  '192.169.0.0',
  '198.17.255.255',
  '198.20.0.0',
  '223.255.255.255',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
  '2a00:1450:4001:80b::200e',
  '2000::1',
  '3ffe:ffff::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2002:0808:0808::1',
  // Server 8.8.8.8, client 9.9.9.9
  '2001:0:808:808:0:ffff:f6f6:f6f6',
  '2606:4700::5efe:8.8.8.8',
];

const REFUSED: Readonly<Record<AddressRule, readonly string[]>> = {
  invalid: [
    '',
    'example.org',
    '127.1',
    '0x7f.0.0.1',
    '0177.0.0.1',
    '2130706433',
    '1.2.3',
    '1.2.3.4.5',
    '[::1]',
    '::g',
    ' 8.8.8.8',
    '8.8.8.8/32',
  ],
  zone: ['fe80::1%eth0', '::1%lo', '2606:4700::1%1', 'fe80::1%25eth0'],
  unspecified: ['0.0.0.0', '0.1.2.3', '0.255.255.255', '::', '0:0:0:0:0:0:0:0'],
  loopback: ['127.0.0.1', '127.0.0.0', '127.1.2.3', '127.255.255.255', '::1', '0:0:0:0:0:0:0:1'],
  private: ['10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255', 'fec0::1'],
  link_local: ['169.254.0.0', '169.254.169.254', '169.254.255.255', 'fe80::1', 'febf:ffff::1'],
  carrier_nat: ['100.64.0.0', '100.100.100.200', '100.127.255.255'],
  unique_local: ['fc00::1', 'fd00::2', 'fd00:ec2::254', 'fdff:ffff::1'],
  metadata: ['168.63.129.16'],
  multicast: ['224.0.0.1', '224.0.0.251', '239.255.255.250', 'ff02::1', 'ff02::fb', 'ffff::1'],
  broadcast: ['255.255.255.255'],
  documentation: ['192.0.2.2', '198.51.100.7', '203.0.113.9', '2001:db8::1', '3fff::1'],
  benchmarking: ['198.18.0.1', '198.19.255.255', '2001:2::1'],
  reserved: [
    '192.0.0.8',
    '192.0.0.192',
    '192.88.99.1',
    '240.0.0.1',
    '255.255.255.254',
    '2001:10::1',
    '2001:20::1',
    '100::1',
    '4000::1',
    '5f00::1',
    '1000::1',
    'e000::1',
  ],
  mapped: [
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:10.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:0.0.0.0',
    '::ffff:0:192.168.1.1',
  ],
  compatible: ['::127.0.0.1', '::10.0.0.1', '::8.8.8.8', '::2'],
  nat64: ['64:ff9b::127.0.0.1', '64:ff9b::a00:1', '64:ff9b::192.168.1.1', '64:ff9b:1::8.8.8.8', '64:ff9b:1:ffff::1'],
  six_to_four: ['2002:7f00:1::1', '2002:a00:1::', '2002:c0a8:101::1', '2002:a9fe:a9fe::1'],
  teredo: ['2001:0:7f00:1::f6f6:f6f6', '2001:0:808:808:0:ffff:80ff:fffe', '2001::1'],
  isatap: ['2606:4700::5efe:192.168.1.1', '2606:4700::200:5efe:10.0.0.1', '2a00:1450::5efe:7f00:1'],
};

describe('judgeAddress', () => {
  test.each(PUBLIC)('%s is public', (address) => {
    expect(judgeAddress(address)).toEqual({ allowed: true });
  });

  test.each(Object.entries(REFUSED).flatMap(([rule, addresses]) => addresses.map((address) => [address, rule])))(
    '"%s" is refused: %s',
    (address, rule) => {
      expect(judgeAddress(address)).toEqual({ allowed: false, rule });
    },
  );

  const ipv4 = fc.tuple(...Array.from({ length: 4 }, () => fc.integer({ min: 0, max: 255 })));
  const ipv6 = fc.tuple(...Array.from({ length: 8 }, () => fc.integer({ min: 0, max: 0xffff })));

  test('an address that carries a refused one is refused, and agrees with it wherever the form itself is in use', () => {
    fc.assert(
      fc.property(ipv4, (bytes) => {
        const [a = 0, b = 0, c = 0, d = 0] = bytes;
        const plain = judgeAddress(bytes.join('.')).allowed;
        const high = ((a << 8) | b).toString(16);
        const low = ((c << 8) | d).toString(16);
        const inverted = `${(((a << 8) | b) ^ 0xffff).toString(16)}:${(((c << 8) | d) ^ 0xffff).toString(16)}`;
        expect(judgeAddress(`::ffff:${high}:${low}`).allowed).toBe(plain);
        expect(judgeAddress(`64:ff9b::${high}:${low}`).allowed).toBe(plain);
        expect(judgeAddress(`2002:${high}:${low}::1`).allowed).toBe(plain);
        expect(judgeAddress(`2001:0:${high}:${low}:0:0:f6f6:f6f6`).allowed).toBe(plain);
        expect(judgeAddress(`2001:0:808:808:0:0:${inverted}`).allowed).toBe(plain);
        expect(judgeAddress(`2606:4700::5efe:${high}:${low}`).allowed).toBe(plain);
        expect(judgeAddress(`::${high}:${low}`).allowed).toBe(false);
        expect(judgeAddress(`64:ff9b:1::${high}:${low}`).allowed).toBe(false);
      }),
    );
  });

  test('every spelling of an IPv6 address is judged alike', () => {
    fc.assert(
      fc.property(ipv6, (groups) => {
        const short = groups.map((group) => group.toString(16)).join(':');
        const long = groups.map((group) => group.toString(16).padStart(4, '0').toUpperCase()).join(':');
        const compressed = ipaddr.IPv6.parse(short).toString();
        expect(judgeAddress(long)).toEqual(judgeAddress(short));
        expect(judgeAddress(compressed)).toEqual(judgeAddress(short));
        expect(canonicalAddress(long)).toBe(canonicalAddress(compressed));
      }),
    );
  });

  test('nothing outside of 2000::/3 is public but what carries a public IPv4 address', () => {
    fc.assert(
      fc.property(ipv6, (groups) => {
        const text = groups.map((group) => group.toString(16)).join(':');
        const isGlobal = (groups[0] ?? 0) >> 13 === 1;
        const isCarrier = (groups[0] === 0 && [0, 0xffff].includes(groups[4] ?? 1)) || groups[0] === 0x64;
        if (!isGlobal && !isCarrier) expect(judgeAddress(text).allowed).toBe(false);
      }),
    );
  });

  test('any text gets an answer', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => typeof judgeAddress(text).allowed === 'boolean'));
    fc.assert(fc.property(fc.string(), (text) => !judgeAddress(`${text}%`).allowed));
  });
});
