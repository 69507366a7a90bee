import { LegworkError } from '../../protocol/error-table.ts';
import { CdpError } from '../cdp-types.ts';
import type { PageSession } from '../page-session.ts';
import type { DocumentTracker } from './document-tracker.ts';
import { QUIET_MS } from './limits.ts';
import type { NetworkRecorder } from './network-recorder.ts';
import type { WebsiteHtmlPayload } from './payload.ts';

/** How often the page is asked whether a selector matches or the network is idle. */
const POLL_MS = 50;

/** Runs in the page: how long nothing has changed in the document. The first call starts to watch it. */
function unchangedForMs(): number {
  const watch = globalThis as { legworkLastChangeMs?: number };
  if (watch.legworkLastChangeMs === undefined) {
    watch.legworkLastChangeMs = performance.now();
    new MutationObserver(() => {
      watch.legworkLastChangeMs = performance.now();
    }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });
  }
  return performance.now() - watch.legworkLastChangeMs;
}

/** The page in the hands of the waits. `world` gives the world of the document that is there now. */
export interface WaitContext {
  readonly page: PageSession;
  readonly document: DocumentTracker;
  readonly network: NetworkRecorder;
  world(): Promise<number>;
}

/**
 * Resolves when the page has come as far as the payload asks. It has no time-out of its own.
 * @param onSelectorWait called when only the selector is waited for
 * @throws LegworkError `invalid_payload` for a selector that is none; CdpError when the document is gone
 */
export async function waitForPage(
  context: WaitContext,
  payload: WebsiteHtmlPayload,
  onSelectorWait: () => void,
): Promise<void> {
  const { waitUntil, waitForSelector } = payload;
  await context.document.reached(waitUntil === 'domcontentloaded' ? 'domcontentloaded' : 'load');
  if (waitUntil === 'networkidle') await waitForNetworkIdle(context);
  else if (waitUntil === 'quiet') await waitForQuiet(context);
  if (waitForSelector === undefined) return;
  onSelectorWait();
  await waitForElement(context, waitForSelector);
}

async function waitForNetworkIdle({ network, page }: WaitContext): Promise<void> {
  while (network.quietForMs() < QUIET_MS) {
    await sleep(POLL_MS);
    if (page.endedBy !== null) throw page.endedBy;
  }
}

async function waitForQuiet(context: WaitContext): Promise<void> {
  for (;;) {
    await waitForNetworkIdle(context);
    const unchangedMs = (await evaluate(context, `(${unchangedForMs.toString()})()`)) as number;
    if (unchangedMs >= QUIET_MS && context.network.quietForMs() >= QUIET_MS) return;
    await sleep(Math.max(POLL_MS, QUIET_MS - unchangedMs));
  }
}

async function waitForElement(context: WaitContext, selector: string): Promise<void> {
  const expression = `document.querySelector(${JSON.stringify(selector)}) !== null`;
  while ((await evaluate(context, expression)) !== true) await sleep(POLL_MS);
}

async function evaluate(context: WaitContext, expression: string): Promise<unknown> {
  const { result, exceptionDetails } = await context.page.send('Runtime.evaluate', {
    expression,
    contextId: await context.world(),
    returnByValue: true,
  });
  if (exceptionDetails !== undefined) {
    if (exceptionDetails.exception?.className === 'DOMException') {
      throw new LegworkError('invalid_payload', 'payload.waitForSelector: is not a CSS selector.');
    }
    throw new CdpError('Runtime.evaluate', exceptionDetails.text);
  }
  return result.value;
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
