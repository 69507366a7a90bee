import type { Browser, Page } from 'playwright-core';
import { builtRenderer } from './built-renderer.ts';
import { launchBrowser } from './launch-browser.ts';
import { type RunningScene, serveScene } from './serve-scene.ts';
import { type Scene, SCENES } from './scenes.ts';

/** A window that shows a scene, in a real browser. */
export interface OpenWindow {
  page: Page;
  running: RunningScene;
  /** What the page logged as errors, refusals of the content security policy among them. */
  errors: string[];
}

interface WindowOptions {
  hash?: string;
  theme?: 'light' | 'dark';
  size?: { width: number; height: number };
  change?: (scene: Scene) => void;
}

/** Bounds each step of a test, on a machine that does much else. */
const STEP_LIMIT_MS = 60_000;

/** Goes to another place of the window, `#/history` say, and waits until that is drawn. */
export async function showPlace(page: Page, hash: string): Promise<void> {
  await page.evaluate(
    (wanted) =>
      new Promise<void>((resolve) => {
        const afterDrawing = () => requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
        if (window.location.hash === wanted) afterDrawing();
        else {
          // The window's own listener came first, and has drawn once this one is called.
          window.addEventListener('hashchange', afterDrawing, { once: true });
          window.location.hash = wanted;
        }
      }),
    hash,
  );
  await page.locator('main h1').first().waitFor();
}

/** Waits until what is read has come, so that the whole of a view is looked at. */
export async function untilRead(page: Page): Promise<void> {
  await page.waitForFunction(() => document.querySelector('[role="status"][aria-label^="Loading"]') === null);
}

/** Opens scenes in one browser, and closes all of it. */
export class SceneBrowser {
  readonly #browser: Browser;
  readonly #folder: string;
  #open: { running: RunningScene; close: () => Promise<void> }[] = [];

  private constructor(browser: Browser, folder: string) {
    this.#browser = browser;
    this.#folder = folder;
  }

  static async launch(): Promise<SceneBrowser> {
    const folder = await builtRenderer();
    return new SceneBrowser(await launchBrowser(), folder);
  }

  /** Shows a scene, and waits until its window is drawn: not the screen before it, which knows neither keys nor events. */
  async open(sceneName: string, options: WindowOptions = {}): Promise<OpenWindow> {
    const scene = SCENES[sceneName]?.(Date.now());
    if (scene === undefined) throw new Error(`There is no scene ${sceneName}.`);
    options.change?.(scene);
    const running = await serveScene(this.#folder, scene);
    const context = await this.#browser.newContext({
      colorScheme: options.theme ?? 'light',
      reducedMotion: 'reduce',
      viewport: options.size ?? { width: 1_280, height: 800 },
      permissions: ['clipboard-read', 'clipboard-write'],
    });
    context.setDefaultTimeout(STEP_LIMIT_MS);
    const page = await context.newPage();
    const errors: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    page.on('pageerror', (error) => errors.push(error.message));
    this.#open.push({ running, close: () => context.close() });
    await page.goto(`${running.url}${options.hash ?? ''}`);
    await page.locator('main:not([aria-label="Legwork"]) h1').first().waitFor();
    return { page, running, errors };
  }

  /** Closes the windows that are open; for after each test. */
  async closeWindows(): Promise<void> {
    for (const { running, close } of this.#open) {
      await close();
      await running.close();
    }
    this.#open = [];
  }

  async close(): Promise<void> {
    await this.closeWindows();
    await this.#browser.close();
  }
}
