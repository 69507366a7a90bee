import { describe, expect, test } from 'vitest';
import { AllowList, AllowListError } from '../../../main/protocol/network/allow-list.ts';

describe('AllowList', () => {
  test.each([
    ['intranet.example', 'intranet.example', 443, true],
    ['Intranet.Example.', 'intranet.example', 80, true],
    ['intranet.example', 'a.intranet.example', 443, false],
    ['intranet.example', 'intranet.example', 3000, false],
    ['intranet.example:3000', 'intranet.example', 3000, true],
    ['intranet.example:3000', 'intranet.example', 443, false],
    ['intranet.example:*', 'intranet.example', 61_000, true],
    ['intranet.example:*', 'intranet.example', 22, false],
    ['*.staging.example', 'a.staging.example', 443, true],
    ['*.staging.example', 'a.b.staging.example', 443, true],
    ['*.staging.example', 'staging.example', 443, false],
    ['*.staging.example', 'evilstaging.example', 443, false],
    ['localhost:8081', 'localhost', 8081, true],
    ['bücher.example', 'xn--bcher-kva.example', 443, true],
    ['10.1.0.0/16', 'intranet.example', 443, false],
    ['*:3000', 'intranet.example', 3000, false],
  ])('%s and the name %s on port %i: %s', (entry, name, port, isOpen) => {
    expect(new AllowList([entry]).opensName(name, port)).toBe(isOpen);
  });

  test.each([
    ['10.1.0.0/16', '10.1.255.255', 443, true],
    ['10.1.0.0/16', '10.2.0.0', 443, false],
    ['10.1.0.0/16:3000', '10.1.0.1', 3000, true],
    ['10.1.0.0/16:3000', '10.1.0.1', 80, false],
    ['127.0.0.1:8080', '127.0.0.1', 8080, true],
    ['127.0.0.1:8080', '127.0.0.2', 8080, false],
    ['127.0.0.1:*', '127.0.0.1', 6379, false],
    ['127.1', '127.0.0.1', 80, true],
    ['[::1]', '::1', 443, true],
    ['[::1]:3000', '::1', 3000, true],
    ['::1', '::1', 443, true],
    ['[fd00::]/64:81', 'fd00::9', 81, true],
    ['fd00::/64', 'fd00::ffff', 443, true],
    ['FD00:0::/64', 'fd00::ffff', 443, true],
    ['fd00::/64', 'fd00:0:0:1::1', 443, false],
    ['intranet.example', '10.0.0.1', 443, false],
  ])('%s and the address %s on port %i: %s', (entry, address, port, isOpen) => {
    expect(new AllowList([entry]).opensAddress(address, port)).toBe(isOpen);
  });

  test('a port for all hosts opens nothing private', () => {
    const list = new AllowList(['*:3000']);
    expect(list.opensPublicPort(3000)).toBe(true);
    expect(list.opensPublicPort(3001)).toBe(false);
    expect(list.opensAddress('10.0.0.1', 3000)).toBe(false);
    expect(list.opensName('localhost', 3000)).toBe(false);
  });

  test.each([
    ['', 'is empty'],
    ['https://intranet.example/', 'is a URL'],
    ['*', 'would open everything'],
    ['*:*', 'would open everything'],
    ['intranet.example:0', 'port that is not a number'],
    ['intranet.example:65536', 'port that is not a number'],
    ['intranet.example:http', 'port that is not a number'],
    ['intranet.example:22', 'port 22'],
    ['127.0.0.1:6379', 'port 6379'],
    ['10.0.0.0/33', 'is not a range'],
    ['10.0/8', 'is not a range'],
    ['10.0.0.0/', 'is not a range'],
    ['::ffff:10.0.0.0/104', 'is not a range'],
    ['intranet.example/16', 'is not a range'],
    ['0.0.0.0/0', 'is too wide'],
    ['::/0', 'is too wide'],
    ['2000::/3', 'is too wide'],
    ['intranet example', 'is neither'],
    ['a..example', 'is neither'],
    ['fe80::1%eth0', 'is neither'],
    ['256.1.1.1', 'is neither'],
    ['*.10.0.0.1', 'is not "*."'],
    ['a*.example', 'is neither'],
  ])('"%s" %s', (entry, problem) => {
    const parse = (): AllowList => new AllowList(['good.example', entry]);
    expect(parse).toThrow(AllowListError);
    expect(parse).toThrow(`"${entry}" `);
    expect(parse).toThrow(problem);
  });
});
