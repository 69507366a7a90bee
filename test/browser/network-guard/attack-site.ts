import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { AttackPages } from './attack-ways.ts';

/** Has the page say with an element that all that it was to try has been tried. */
const WAIT_UNTIL_DONE = `<script>
  void (async () => {
    while ((await (await fetch('/done')).text()) !== 'true') await new Promise((resolve) => setTimeout(resolve, 50));
    document.body.append(Object.assign(document.createElement('p'), { id: 'done' }));
  })();
</script>`;

/** A web site with bad intentions, on loopback. What follows the question mark of its addresses is what it is about. */
export class AttackSite {
  /** Pages by their path, such as `/own`. */
  readonly pages = new Map<string, string>();
  /** What a page has sent home, by the last part of `/leak/…`. */
  readonly leaks: string[] = [];
  /** Asked by pages that wait for something before they are done. */
  isDone: () => boolean = () => true;
  readonly #server: Server;
  readonly #attack: AttackPages;

  private constructor(attack: AttackPages) {
    this.#attack = attack;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(attack: AttackPages): Promise<AttackSite> {
    const site = new AttackSite(attack);
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
    const own = this.pages.get(pathname);
    if (own !== undefined) return html(own + WAIT_UNTIL_DONE, { Connection: 'close' });
    if (page === 'done') {
      response.writeHead(200, { 'Content-Type': 'text/plain', 'Cache-Control': 'no-store' });
      return void response.end(String(this.isDone()));
    }
    if (page === 'leak') {
      this.leaks.push(status ?? '');
      response.writeHead(204, { 'Access-Control-Allow-Origin': '*' });
      return void response.end();
    }
    if (page === 'redirect' && search !== '') return void response.writeHead(Number(status), { Location: about }).end();
    if (page === 'refresh') return html('', { Refresh: `0;url=${about}` });
    if (page === 'link') return html('', { Link: `<${about}>; rel=preload; as=image` });
    if (page === 'report') {
      return html('<img src="/x">', { 'Content-Security-Policy': `default-src 'none'; report-uri ${about}` });
    }
    if (page === 'page') return html(decodeURIComponent(about));
    if (page === 'attack') return html(`${this.#attack.html}<script>${this.#attack.script}</script>${WAIT_UNTIL_DONE}`);
    if (page === 'worker') {
      response.writeHead(200, { 'Content-Type': 'text/javascript', 'Service-Worker-Allowed': '/' });
      return void response.end(decodeURIComponent(about));
    }
    return html('');
  }
}
