import type { Protocol } from 'devtools-protocol';
import type { PageSession } from '../page-session.ts';
import type { RedirectCheck } from '../robots/redirect-check.ts';
import type { WebsiteHtmlPayload } from './payload.ts';

const RESOURCE_TYPES: Record<WebsiteHtmlPayload['blockResources'][number], Protocol.Network.ResourceType[]> = {
  stylesheet: ['Stylesheet'],
  image: ['Image'],
  media: ['Media'],
  font: ['Font'],
  script: ['Script'],
  fetch: ['XHR', 'Fetch'],
};

/**
 * Stops requests on their way where the payload asks for it: kinds that are not to be loaded, and those that get the
 * credentials of the page's own origin. Only what must be stopped is, since each stop costs a round trip.
 */
export class RequestControl {
  readonly #origin: string;
  readonly #blocked: ReadonlySet<string>;
  readonly #basicAuth: WebsiteHtmlPayload['basicAuth'];
  readonly #authorization: string | undefined;
  readonly #redirects: RedirectCheck | null;
  /** Requests that were given the credentials; a second question means that they are wrong. */
  readonly #answered = new Set<string>();

  /** @param redirects asks before the page is led on; null: nobody has to be asked */
  constructor(payload: WebsiteHtmlPayload, redirects: RedirectCheck | null) {
    this.#redirects = redirects;
    this.#origin = new URL(payload.url).origin;
    this.#blocked = new Set(payload.blockResources.flatMap((kind) => RESOURCE_TYPES[kind]));
    this.#basicAuth = payload.basicAuth;
    const header = Object.entries(payload.extraHeaders).find(([name]) => name.toLowerCase() === 'authorization');
    this.#authorization = header?.[1];
  }

  /** Begins in a session; costs nothing when the payload asks for nothing. */
  start(page: PageSession, sessionId: string): void {
    const patterns: Protocol.Fetch.RequestPattern[] = [...this.#blocked].map((resourceType) => ({
      resourceType: resourceType as Protocol.Network.ResourceType,
    }));
    const hasCredentials = this.#basicAuth !== undefined || this.#authorization !== undefined;
    if (hasCredentials) patterns.push({ urlPattern: `${this.#origin}/*` });
    // Full Chromium ends a navigation with an error where nobody answers for the user: the page of a 401 is a result.
    const asksUser = page.browser.kind === 'chromium';
    if (asksUser || this.#redirects !== null) patterns.push({ resourceType: 'Document' });
    if (patterns.length === 0) return;
    page.on('Fetch.requestPaused', (event) => this.#onPaused(page, sessionId, event), sessionId);
    page.on('Fetch.authRequired', (event) => this.#onAuthRequired(page, sessionId, event), sessionId);
    page.post('Fetch.enable', { patterns, handleAuthRequests: asksUser || this.#basicAuth !== undefined }, sessionId);
  }

  #onPaused(page: PageSession, sessionId: string, event: Protocol.Fetch.RequestPausedEvent): void {
    const { requestId, resourceType, request, frameId } = event;
    const isVisit = resourceType === 'Document' && frameId === page.identity.targetId;
    if (this.#redirects === null || !isVisit) return this.#letGo(page, sessionId, event);
    void this.#redirects
      .mayVisit(request.url)
      .then((mayVisit) =>
        mayVisit
          ? this.#letGo(page, sessionId, event)
          : page.post('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }, sessionId),
      );
  }

  #letGo(page: PageSession, sessionId: string, event: Protocol.Fetch.RequestPausedEvent): void {
    const { requestId, resourceType, request } = event;
    if (this.#blocked.has(resourceType)) {
      page.post('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }, sessionId);
    } else if (this.#authorization !== undefined && isOfOrigin(request.url, this.#origin)) {
      const headers = Object.entries(request.headers).map(([name, value]) => ({ name, value }));
      headers.push({ name: 'Authorization', value: this.#authorization });
      page.post('Fetch.continueRequest', { requestId, headers }, sessionId);
    } else {
      page.post('Fetch.continueRequest', { requestId }, sessionId);
    }
  }

  #onAuthRequired(page: PageSession, sessionId: string, event: Protocol.Fetch.AuthRequiredEvent): void {
    const { requestId, authChallenge } = event;
    const isOwn = authChallenge.source !== 'Proxy' && isOfOrigin(authChallenge.origin, this.#origin);
    const mayAnswer = this.#basicAuth !== undefined && isOwn && !this.#answered.has(requestId);
    this.#answered.add(requestId);
    page.post(
      'Fetch.continueWithAuth',
      {
        requestId,
        authChallengeResponse: mayAnswer
          ? { response: 'ProvideCredentials', ...this.#basicAuth }
          : { response: 'CancelAuth' },
      },
      sessionId,
    );
  }
}

function isOfOrigin(url: string, origin: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin;
}
