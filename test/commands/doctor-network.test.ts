import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkNetwork } from '../../main/commands/doctor/check-network.ts';
import { refusingPort } from '../support/refusing-port.ts';

const NOTHING = { allowedPrivateHosts: [], blockedHosts: [], upstreamProxy: null };

describe('doctor, of the network', () => {
  let folder: string;
  let proxy: Server;
  let port: number;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'legwork-doctor-network-'));
    proxy = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    port = (proxy.address() as AddressInfo).port;
  });

  afterEach(() => {
    proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what is open, and warns of an entry that opens the whole machine', async () => {
    expect(await checkNetwork(NOTHING)).toMatchObject([{ status: 'ok', detail: 'Pages reach public hosts only.' }]);
    const named = await checkNetwork({
      ...NOTHING,
      allowedPrivateHosts: ['localhost:3000'],
      blockedHosts: ['a.example'],
    });
    expect(named).toMatchObject([{ status: 'ok', detail: expect.stringMatching(/localhost:3000.*a\.example/) }]);
    for (const entry of ['127.0.0.1:*', 'localhost:*', '127.0.0.0/8:*', '[::1]:*']) {
      const [result] = await checkNetwork({ ...NOTHING, allowedPrivateHosts: ['10.0.0.1', entry] });
      expect(result).toMatchObject({ status: 'warn', advice: expect.stringContaining('single ports') });
    }
  });

  it('reaches the proxy, or says why not, without its password', async () => {
    const upstreamProxy = `http://kim:sesame@127.0.0.1:${port}`;
    expect((await checkNetwork({ ...NOTHING, upstreamProxy }))[1]).toMatchObject({ status: 'ok' });
    const nobody = `http://kim:sesame@127.0.0.1:${await refusingPort()}`;
    const [, gone] = await checkNetwork({ ...NOTHING, upstreamProxy: nobody });
    expect(gone).toMatchObject({ status: 'fail', detail: expect.stringContaining('ECONNREFUSED') });
    expect(JSON.stringify(gone)).not.toContain('sesame');
  });

  it('asks a PAC file for the way', async () => {
    const path = join(folder, 'proxy.pac');
    const upstreamProxy = `pac+${pathToFileURL(path).href}`;
    expect((await checkNetwork({ ...NOTHING, upstreamProxy }))[1]).toMatchObject({ status: 'fail' });
    writeFileSync(path, `function FindProxyForURL() { return 'PROXY p.example:3128; DIRECT' }`);
    expect((await checkNetwork({ ...NOTHING, upstreamProxy }))[1]).toMatchObject({
      status: 'ok',
      detail: expect.stringContaining('p.example:3128, then no proxy'),
    });
    writeFileSync(path, `function FindProxyForURL() { return 'SOCKS p.example:1080' }`);
    expect((await checkNetwork({ ...NOTHING, upstreamProxy }))[1]).toMatchObject({ status: 'fail' });
  });
});
