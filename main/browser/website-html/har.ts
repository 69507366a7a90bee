import type { CdpEventName } from '../cdp-types.ts';
import type { PageSession } from '../page-session.ts';

/** The events that a HAR is made of. */
const RECORDED_EVENTS: readonly CdpEventName[] = [
  'Network.requestWillBeSent',
  'Network.requestWillBeSentExtraInfo',
  'Network.requestServedFromCache',
  'Network.responseReceived',
  'Network.responseReceivedExtraInfo',
  'Network.dataReceived',
  'Network.loadingFinished',
  'Network.loadingFailed',
  'Network.resourceChangedPriority',
  'Page.frameStartedLoading',
  'Page.frameRequestedNavigation',
  'Page.navigatedWithinDocument',
  'Page.frameAttached',
  'Page.domContentEventFired',
  'Page.loadEventFired',
];

/** More than a HAR of a usual page ever has; what comes after is left out. */
const MAX_EVENTS = 50_000;

/** As in the export of Chromium's own tools: a HAR goes through many hands, so credentials stay out of it. */
const LEFT_OUT_HEADERS: ReadonlySet<string> = new Set(['authorization', 'proxy-authorization', 'cookie', 'set-cookie']);

interface Har {
  log: { entries: { request: HarMessage; response: HarMessage }[] };
}

interface HarMessage {
  headers: { name: string; value: string }[];
  cookies: unknown[];
}

/** Keeps what a HAR (HTTP Archive 1.2) is made of while a page loads. Only made when one was asked for. */
export class HarRecorder {
  readonly #page: PageSession;
  readonly #messages: { method: string; params: unknown }[] = [];
  /** There was more than is kept. */
  isTruncated = false;

  constructor(page: PageSession) {
    this.#page = page;
    this.listen(page.identity.sessionId);
  }

  /** Records a child session too. */
  listen(sessionId: string): void {
    for (const method of RECORDED_EVENTS) {
      this.#page.on(
        method,
        (params) => {
          if (this.#messages.length < MAX_EVENTS) this.#messages.push({ method, params });
          else this.isTruncated = true;
        },
        sessionId,
      );
    }
  }

  /** The HAR as JSON, without bodies, cookies and credentials. */
  async toJson(): Promise<string> {
    const { harFromMessages } = await import('chrome-har');
    const har = harFromMessages(this.#messages) as Har;
    for (const { request, response } of har.log.entries) {
      for (const message of [request, response]) {
        message.cookies = [];
        message.headers = message.headers.filter(({ name }) => !LEFT_OUT_HEADERS.has(name.toLowerCase()));
      }
    }
    return JSON.stringify(har);
  }
}
