import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type RequestOptions,
  type Server,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { boundRequests, type RequestBounds, type RequestSender } from '../../main/desktop/updates/bound-requests.ts';
import { explainUpdateError } from '../../main/desktop/updates/explain-update-error.ts';

const PATIENT: RequestBounds = { silenceMs: 600_000, listMs: 600_000, mostListBytes: 1_000, mostFileBytes: 100_000 };

describe('a server for updates', () => {
  let server: Server;
  beforeEach(async () => {
    server = createServer((request, response) => {
      response.on('error', () => undefined);
      const path = request.url ?? '';
      if (path.startsWith('/silent')) return;
      response.writeHead(200);
      if (path.startsWith('/endless')) {
        const timer = setInterval(() => response.write('x'.repeat(700)), 5);
        request.socket.once('close', () => clearInterval(timer));
      } else if (path.startsWith('/stops')) response.write('x');
      else response.end('version: 1.0.0');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** What is read of a path, by requests that have bounds. */
  function read(path: string, bounds: RequestBounds): Promise<string> {
    const sender: RequestSender<RequestOptions, IncomingMessage> = {
      createRequest: (options, onResponse) => {
        const request = httpRequest(options, onResponse);
        // What is cut off in the middle is told a second time by Node.
        request.on('error', () => undefined);
        // Electron's requests do so when they have been sent, long before their answers.
        setImmediate(() => request.emit('close'));
        return Object.assign(request, { abort: () => void request.destroy() });
      },
    };
    boundRequests(sender, bounds);
    return new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const request = sender.createRequest({ host: '127.0.0.1', port, path }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('error', () => undefined);
        response.on('end', () => resolve(text));
      }) as ReturnType<typeof httpRequest>;
      request.on('error', reject);
      request.end();
    });
  }

  it('that answers is not disturbed', async () => {
    expect(await read('/latest.yml', PATIENT)).toBe('version: 1.0.0');
  });

  it('that says nothing, or stops in the middle, is given up', async () => {
    const impatient = { ...PATIENT, silenceMs: 200 };
    await expect(read('/silent', impatient)).rejects.toThrow('does not answer');
    await expect(read('/stops/file.AppImage', impatient)).rejects.toThrow('does not answer');
  });

  it('that sends a list of versions drop by drop is given up', async () => {
    const bounds = { ...PATIENT, listMs: 300, mostListBytes: 1e9 };
    await expect(read('/endless/latest.yml?noCache=1', bounds)).rejects.toThrow('too slow');
  });

  it('that sends without end is cut off, a list much earlier than a file', async () => {
    await expect(read('/endless/latest.yml', PATIENT)).rejects.toThrow('more than an update can be');
    await expect(read('/endless/file.AppImage', PATIENT)).rejects.toThrow('more than an update can be');
  });
});

describe('why an update failed', () => {
  it.each([
    [
      Object.assign(new Error('Cannot parse\n stack'), { code: 'ERR_UPDATER_INVALID_UPDATE_INFO' }),
      /not a list of versions/,
    ],
    [Object.assign(new Error('sha512 mismatch'), { code: 'ERR_CHECKSUM_MISMATCH' }), /not what was signed/],
    [new Error('net::ERR_CONNECTION_REFUSED'), /connection .* failed \(net::ERR_CONNECTION_REFUSED\)/],
    [new Error("The update's signature is wrong, so it was not taken."), /^The update's signature is wrong/],
    [
      new Error('404 \n"method: GET url: http://feed/x"\nHeaders: {"set-cookie": "secret"}\n at Foo (x.js:1:1)'),
      /^The update server answered 404\.$/,
    ],
    ['a text', /^a text$/],
  ])('is a sentence without a stack: %s', (error, sentence) => {
    expect(explainUpdateError(error)).toMatch(sentence);
  });
});
