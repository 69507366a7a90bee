import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchChromium, type LaunchedChromium } from '../../../main/browser/launch-chromium.ts';
import { PROXY_BYPASS_LIST } from '../../../main/browser/network-guard/chromium-proxy.ts';
import { CHROMIUM_PATH, HEADLESS_SHELL_PATH } from '../render.ts';

/** A browser for attacks: one context, as many pages as it takes. */
export class AttackedBrowser {
  readonly #browser: LaunchedChromium;
  readonly #folder: string;
  readonly #contextId: string;

  private constructor(browser: LaunchedChromium, folder: string, contextId: string) {
    this.#browser = browser;
    this.#folder = folder;
    this.#contextId = contextId;
  }

  /** @param proxyServer of the context; null: none */
  static async start(
    kind: 'chromium' | 'headless_shell',
    extraArguments: readonly string[],
    proxyServer: string | null,
  ): Promise<AttackedBrowser> {
    const folder = mkdtempSync(join(tmpdir(), 'legwork-attack-'));
    const executablePath = (kind === 'chromium' ? CHROMIUM_PATH : HEADLESS_SHELL_PATH) ?? '';
    const sandbox = process.getuid?.() !== 0;
    const browser = await launchChromium({ kind, executablePath, runFolder: folder, sandbox, extraArguments });
    const proxy = proxyServer === null ? {} : { proxyServer, proxyBypassList: PROXY_BYPASS_LIST };
    const { browserContextId } = await browser.connection.send('Target.createBrowserContext', proxy);
    return new AttackedBrowser(browser, folder, browserContextId);
  }

  /** Opens a page; returns the session to talk to it. */
  async open(url: string): Promise<string> {
    const { connection } = this.#browser;
    const { targetId } = await connection.send('Target.createTarget', { url, browserContextId: this.#contextId });
    const { sessionId } = await connection.send('Target.attachToTarget', { targetId, flatten: true });
    return sessionId;
  }

  /** Navigates and returns Chromium's error, if there was one. */
  async navigate(sessionId: string, url: string): Promise<string | undefined> {
    return (await this.#browser.connection.send('Page.navigate', { url }, sessionId)).errorText;
  }

  /** Runs a script as if after a click, and waits for what it promises. */
  async run(sessionId: string, expression: string): Promise<unknown> {
    const parameters = { expression, userGesture: true, awaitPromise: true, returnByValue: true };
    const { result, exceptionDetails } = await this.#browser.connection.send('Runtime.evaluate', parameters, sessionId);
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? 'exception');
    return result.value;
  }

  async close(): Promise<void> {
    await this.#browser.close(2_000);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
