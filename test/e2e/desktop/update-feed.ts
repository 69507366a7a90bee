import { createHash, generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signUpdate } from '../../../main/desktop/updates/verify-update.ts';

const NEW_VERSION = '99.1.0';
const FILE = `Legwork-${NEW_VERSION}.AppImage`;

/** A server for updates on loopback: a signed version whose program is a script, with what can be wrong with one. */
export class UpdateFeed {
  readonly version = NEW_VERSION;
  readonly publicKey: string;
  readonly #privateKey: string;
  isSigned = true;
  /** The file is another one than the signed one. */
  isTampered = false;
  program: string;
  readonly #server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://feed').pathname;
    if (path === '/latest-linux.yml') response.end(this.#manifest());
    else if (path === `/${FILE}`) response.end(this.isTampered ? `${this.program}# and more\n` : this.program);
    else response.writeHead(404).end();
  });

  /** @param program what the new version's file holds */
  constructor(program: string) {
    this.program = program;
    const { publicKey, privateKey } = generateKeyPairSync('ed25519');
    this.publicKey = publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    this.#privateKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  }

  /** @returns its address */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #manifest(): string {
    const sha512 = createHash('sha512').update(this.program).digest('base64');
    const signature = signUpdate({ version: NEW_VERSION, files: [{ url: FILE, sha512 }] }, this.#privateKey);
    return [
      `version: ${NEW_VERSION}`,
      'files:',
      `  - url: ${FILE}`,
      `    sha512: ${sha512}`,
      `    size: ${Buffer.byteLength(this.program)}`,
      `path: ${FILE}`,
      `sha512: ${sha512}`,
      "releaseDate: '2026-11-22T00:00:00.000Z'",
      ...(this.isSigned ? [`legworkSignature: ${signature}`] : []),
      '',
    ].join('\n');
  }
}
