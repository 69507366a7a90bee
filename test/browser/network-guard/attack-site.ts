import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttackPages } from './attack-ways.ts';

/** A web site with bad intentions, on loopback. What follows the question mark of its addresses is what it is about. */
export class AttackSite {
  readonly #server: Server;
  readonly #pages: AttackPages;

  private constructor(pages: AttackPages) {
    this.#pages = pages;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(pages: AttackPages): Promise<AttackSite> {
    const site = new AttackSite(pages);
    await new Promise<void>((resolve) => site.#server.listen(0, '127.0.0.1', resolve));
    return site;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Ends what is kept alive, so that the next request needs a new connection. */
  endConnections(): void {
    this.#server.closeAllConnections();
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, search } = new URL(request.url ?? '/', 'http://site');
    const about = (request.url ?? '').slice(pathname.length + 1);
    const html = (body: string, headers: Record<string, string> = {}): void => {
      response.writeHead(200, { 'Content-Type': 'text/html; charset=utf-8', ...headers });
      response.end(`<!doctype html><title>attack</title><body>${body}</body>`);
    };
    const [, page, status] = pathname.split('/');
    if (page === 'redirect' && search !== '') return void response.writeHead(Number(status), { Location: about }).end();
    if (page === 'refresh') return html('', { Refresh: `0;url=${about}` });
    if (page === 'link') return html('', { Link: `<${about}>; rel=preload; as=image` });
    if (page === 'report') {
      return html('<img src="/x">', { 'Content-Security-Policy': `default-src 'none'; report-uri ${about}` });
    }
    if (page === 'page') return html(decodeURIComponent(about));
    if (page === 'attack') return html(`${this.#pages.html}<script>${this.#pages.script}</script>`);
    if (page === 'worker') {
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' });
      return void response.end(decodeURIComponent(about));
    }
    return html('');
  }
}
