import { expect, test } from 'vitest';
import { localHostsOf } from '../../main/demo/local-hosts.ts';
import { AllowList } from '../../main/protocol/network/allow-list.ts';

test.each([
  ['http://localhost:3000/page', ['localhost:3000']],
  ['http://LOCALHOST./', ['localhost:80']],
  ['https://127.1:8443/', ['127.0.0.1:8443']],
  ['http://[::1]:3000/', ['[::1]:3000']],
  ['http://192.168.1.20/', ['192.168.1.20:80']],
  ['http://nas/', ['nas:80']],
  ['https://printer.local/', ['printer.local:443']],
  ['http://10.0.0.1:22/', []],
  ['https://example.org/', []],
  ['https://intranet.example.org:3000/', []],
  ['http://93.184.216.34/', []],
])('%s opens %j', (url, expected) => {
  const entries = localHostsOf([url, url]);
  expect(entries).toEqual(expected);
  expect(() => new AllowList(entries)).not.toThrow();
});
