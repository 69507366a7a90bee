import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { chromiumArguments } from '../../main/browser/chromium-arguments.ts';

/** What the floor is measured with; the browser gets the same arguments as Legwork's own. */
export interface FloorSettings {
  readonly executablePath: string;
  readonly kind: 'chromium' | 'headless_shell';
  readonly runFolder: string;
  readonly sandbox: boolean;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly screenshotQuality: number;
}

/** A page as the floor renders it. */
export interface FloorPage {
  readonly html: string;
  readonly screenshot: Buffer;
  readonly details: { readonly status: number; readonly headers: Record<string, string>; readonly timings: unknown };
}

/** A warm browser that renders pages with as little in between as possible. */
export interface Floor {
  readonly processId: number;
  render(url: string): Promise<FloorPage>;
  close(): Promise<void>;
}

type Message = {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: Record<string, unknown>;
  error?: { message: string };
};

/** A client of the DevTools protocol that can do no more than the floor needs. */
class RawConnection {
  readonly #input: Writable;
  readonly #pending = new Map<number, (message: Message) => void>();
  readonly sessions = new Map<string, (message: Message) => void>();
  #lastId = 0;

  constructor(input: Writable, output: Readable) {
    this.#input = input;
    let parts: Buffer[] = [];
    output.on('data', (chunk: Buffer) => {
      let start = 0;
      for (let end = chunk.indexOf(0); end !== -1; end = chunk.indexOf(0, start)) {
        parts.push(chunk.subarray(start, end));
        const text = (parts.length === 1 ? chunk.subarray(start, end) : Buffer.concat(parts)).toString();
        parts = [];
        this.#receive(JSON.parse(text) as Message);
        start = end + 1;
      }
      if (start < chunk.length) parts.push(chunk.subarray(start));
    });
    output.on('error', () => {});
    input.on('error', () => {});
  }

  send(method: string, params: Record<string, unknown> = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = ++this.#lastId;
    this.#input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return new Promise((resolve, reject) => {
      this.#pending.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result ?? {});
        else reject(new Error(`${method}: ${error.message}`));
      });
    });
  }

  #receive(message: Message): void {
    if (message.id !== undefined) {
      this.#pending.get(message.id)?.(message);
      this.#pending.delete(message.id);
    } else if (message.sessionId !== undefined) {
      this.sessions.get(message.sessionId)?.(message);
    }
  }
}

const READ_PAGE = `({
  html: document.documentElement.outerHTML,
  timings: performance.getEntriesByType('navigation')[0].toJSON(),
})`;

/**
 * The floor that `website_html` is measured against: HTML, headers, timings and a JPEG of a page in a fresh context,
 * by a bare loop over the DevTools protocol in a warm browser.
 * @throws Error when the browser does not start
 */
export async function startFloor(settings: FloorSettings): Promise<Floor> {
  const profileFolder = await mkdtemp(join(settings.runFolder, 'floor-'));
  const argumentList = chromiumArguments({
    ...settings,
    profileFolder,
    debuggingPort: false,
    extraArguments: ['--no-proxy-server'],
  });
  const child = spawn(settings.executablePath, argumentList, {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const exited = new Promise<void>((resolve, reject) => {
    child.once('exit', () => resolve());
    child.once('error', reject);
  });
  exited.catch(() => {});
  const connection = new RawConnection(child.stdio[3] as Writable, child.stdio[4] as Readable);
  await Promise.race([connection.send('Browser.getVersion'), exited]);
  return {
    processId: child.pid ?? 0,
    render: (url) => renderPage(connection, url, settings),
    close: async () => {
      void connection.send('Browser.close').catch(() => {});
      await exited;
      await rm(profileFolder, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

async function renderPage(connection: RawConnection, url: string, settings: FloorSettings): Promise<FloorPage> {
  const { browserContextId } = await connection.send('Target.createBrowserContext', { disposeOnDetach: true });
  const { targetId } = await connection.send('Target.createTarget', { url: 'about:blank', browserContextId });
  const { sessionId } = (await connection.send('Target.attachToTarget', { targetId, flatten: true })) as {
    sessionId: string;
  };
  let response: { status: number; headers: Record<string, string> } | undefined;
  const loaded = new Promise<void>((resolve) => {
    connection.sessions.set(sessionId, ({ method, params }) => {
      if (method === 'Page.loadEventFired') resolve();
      if (method === 'Network.responseReceived' && params?.['type'] === 'Document') {
        response = params['response'] as { status: number; headers: Record<string, string> };
      }
    });
  });
  const send = (method: string, params?: Record<string, unknown>): Promise<Record<string, unknown>> =>
    connection.send(method, params, sessionId);
  void send('Emulation.setDeviceMetricsOverride', { ...settings.viewport, deviceScaleFactor: 1, mobile: false });
  // Sent along with the navigation, one in some hundred gets lost when the document comes in another process, and the
  // load event with it.
  await Promise.all([send('Network.enable'), send('Page.enable')]);
  const navigation = await send('Page.navigate', { url });
  if (navigation['errorText'] !== undefined) throw new Error(`${url}: ${JSON.stringify(navigation['errorText'])}`);
  await loaded;
  const [read, picture] = await Promise.all([
    send('Runtime.evaluate', { expression: READ_PAGE, returnByValue: true }),
    send('Page.captureScreenshot', { format: 'jpeg', quality: settings.screenshotQuality }),
  ]);
  connection.sessions.delete(sessionId);
  void connection.send('Target.disposeBrowserContext', { browserContextId }).catch(() => {});
  const { html, timings } = (read['result'] as { value: { html: string; timings: unknown } }).value;
  return {
    html,
    screenshot: Buffer.from(picture['data'] as string, 'base64'),
    details: { status: response?.status ?? 0, headers: response?.headers ?? {}, timings },
  };
}
