import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobFileWriter } from '../../main/browser/blob-writer.ts';
import { BrowserPool } from '../../main/browser/browser-pool.ts';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import { TaskTraffic, type BrowserGuard } from '../../main/browser/network-guard/page-network.ts';
import type { SiteAnswer, TaskContext } from '../../main/browser/task-definition.ts';
import { websiteHtml } from '../../main/browser/tasks/website-html.ts';
import { websiteHtmlResult, type WebsiteHtmlResult } from '../../main/browser/website-html/result.ts';
import { LegworkError, toLegworkError } from '../../main/protocol/error-table.ts';
import type { BlobReference, JsonObject } from '../../main/protocol/fields.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import type { TaskHostSettings } from '../../main/protocol/task-host-messages.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../support/loopback-network.ts';

/** Chromium's places on the machines that the tests run on; a path in the environment wins. */
export const CHROMIUM_PATH = firstExisting(
  process.env['LEGWORK_CHROMIUM_PATH'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
);
export const HEADLESS_SHELL_PATH = firstExisting(
  process.env['LEGWORK_HEADLESS_SHELL_PATH'],
  '/usr/bin/chromium-headless-shell',
);

function firstExisting(...paths: (string | undefined)[]): string | null {
  return paths.find((path) => path !== undefined && existsSync(path)) ?? null;
}

/** What a rendered page came to: its result, and its blobs as they are on the disk. */
export interface Rendered {
  readonly result: WebsiteHtmlResult;
  readonly blobs: ReadonlyMap<string, { readonly reference: BlobReference; readonly content: Buffer }>;
  /** The HTML; '' when there is none. */
  readonly html: string;
}

/** A pool of real browsers in a temporary folder, and `website_html` in it. */
export class RenderBench {
  readonly folder = mkdtempSync(join(tmpdir(), 'legwork-test-'));
  readonly log = new RecordingLog();
  readonly settings: TaskHostSettings;
  readonly guard: BrowserGuard & { close(): Promise<void> };
  readonly pool: BrowserPool;
  /** What the rendered pages told of their sites. */
  readonly siteAnswers: SiteAnswer[] = [];

  /** @param guard in place of one that is made from the settings */
  constructor(overrides: Partial<TaskHostSettings> = {}, guard?: BrowserGuard & { close(): Promise<void> }) {
    this.settings = {
      blobFolder: join(this.folder, 'blobs'),
      runFolder: join(this.folder, 'run'),
      chromiumPath: CHROMIUM_PATH,
      headlessShellPath: HEADLESS_SHELL_PATH,
      sandbox: process.getuid?.() !== 0,
      network: LOOPBACK_NETWORK,
      recycle: { afterPages: 1_000, afterMs: 3_600_000, memoryBytes: 8e9 },
      ...overrides,
    };
    const { allowedPrivateHosts: allow, blockedHosts: block, hub } = this.settings.network;
    this.guard = guard ?? new NetworkGuard({ allow, block, hub, log: this.log });
    this.pool = new BrowserPool({
      settings: this.settings,
      log: this.log,
      clock: systemClock,
      guard: this.guard,
    });
  }

  /** Renders as a task host would. @throws LegworkError */
  async render(payload: JsonObject, signal: AbortSignal = new AbortController().signal): Promise<Rendered> {
    const references: BlobReference[] = [];
    const context = this.context(signal, references);
    const raw = await websiteHtml.run(websiteHtml.payloadSchema.parse(payload), context);
    const blobs = new Map(
      references.map((reference) => {
        const path = join(this.settings.blobFolder, reference.sha256.slice(0, 2), reference.sha256);
        return [reference.name, { reference, content: readFileSync(path) }];
      }),
    );
    return { result: websiteHtmlResult.parse(raw), blobs, html: blobs.get('page.html')?.content.toString() ?? '' };
  }

  /** What a task host gives a handler. @param references the blobs that it writes are added here */
  context(signal: AbortSignal, references: BlobReference[] = []): TaskContext {
    const writer = new BlobFileWriter(this.settings.blobFolder);
    return {
      signal,
      browsers: this.pool,
      guard: this.guard,
      traffic: new TaskTraffic(),
      log: this.log,
      progress: () => {},
      checkRobots: () => Promise.resolve(),
      siteAnswered: (answer) => void this.siteAnswers.push(answer),
      slotFree: () => {},
      blobs: {
        write: async (...content) => {
          const reference = await writer.write(...content);
          references.push(reference);
          return reference;
        },
      },
    };
  }

  /** Renders what must fail. @throws Error when it does not */
  async failure(payload: JsonObject, signal?: AbortSignal): Promise<LegworkError> {
    const rendered = await this.render(payload, signal).catch(toLegworkError);
    if (rendered instanceof LegworkError) return rendered;
    throw new Error(`It was rendered: ${JSON.stringify(rendered.result)}`);
  }

  /** Resolves when no page is open any more but the blank one that is kept ready. @throws Error after a minute */
  async onlyReadyPageLeft(): Promise<void> {
    const endMs = performance.now() + 60_000;
    while (this.pool.openPages > 0 || this.pool.contexts > this.pool.browsers) {
      if (performance.now() > endMs) throw new Error(`${this.pool.contexts} contexts are left.`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  async close(): Promise<void> {
    await this.pool.close();
    await this.guard.close();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** The JSON text of an element of a rendered page, by its id. */
export function jsonOf(html: string, id: string): Record<string, unknown> {
  const text = new RegExp(`id="${id}">([^<]*)<`).exec(html)?.[1] ?? 'null';
  return JSON.parse(text.replaceAll('&quot;', '"').replaceAll('&lt;', '<').replaceAll('&amp;', '&')) as Record<
    string,
    unknown
  >;
}
