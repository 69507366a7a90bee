import { LegworkError } from '../protocol/error-table.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import type { CdpConnection } from './cdp-connection.ts';
import type { PageNetwork } from './network-guard/page-network.ts';
import type { CdpAnswer, CdpEvent, CdpEventName, CdpMethod, CdpParameters } from './cdp-types.ts';

/** What a page is made of in the browser. */
export interface PageIdentity {
  readonly browserContextId: string;
  /** Also the id of the page's main frame, for as long as the page lives. */
  readonly targetId: string;
  readonly sessionId: string;
}

/** What happens to a page that its own session does not tell. */
export interface PageIncident {
  readonly kind: 'popup' | 'download';
  readonly url: string;
}

/** Made once: an error costs a stack trace, and every page is closed. */
const CLOSED = new LegworkError('navigation_aborted', 'The page is closed.');
const FRAME_GONE = new LegworkError('navigation_aborted', 'A frame of the page is gone.');

/**
 * One page in a browser context of its own: nothing is shared with any other page. It is handed out by the pool with
 * the domains Page, Network, Runtime and Log enabled, and closed with everything that it opened.
 */
export class PageSession {
  readonly browser: BrowserInformation;
  /** What the browser calls itself unless told otherwise. */
  readonly defaultUserAgent: string;
  readonly identity: PageIdentity;
  /** Everything that the page sends goes this way; closed after the page. */
  readonly network: PageNetwork;
  readonly #connection: CdpConnection;
  readonly #dispose: () => void;
  #endedBy: Error | null = null;
  #onEnd: ((reason: Error) => void) | null = null;
  #onIncident: ((incident: PageIncident) => void) | null = null;

  constructor(options: {
    browser: { readonly information: BrowserInformation; readonly userAgent: string };
    connection: CdpConnection;
    identity: PageIdentity;
    network: PageNetwork;
    dispose: () => void;
  }) {
    const { browser, connection, identity } = options;
    this.browser = browser.information;
    this.defaultUserAgent = browser.userAgent;
    this.identity = identity;
    this.network = options.network;
    this.#connection = connection;
    this.#dispose = options.dispose;
    connection.on('Inspector.targetCrashed', () => this.end(new LegworkError('page_crashed')), identity.sessionId);
  }

  /** Why the page is gone; null while it is there. */
  get endedBy(): Error | null {
    return this.#endedBy;
  }

  /**
   * Sends a command to the page, or to one of its child sessions (frames of other sites, workers).
   * @throws CdpError; LegworkError `page_crashed`, `browser_crashed`, or whatever ended the page
   */
  send<Method extends CdpMethod>(
    method: Method,
    parameters?: CdpParameters<Method>,
    sessionId: string = this.identity.sessionId,
  ): Promise<CdpAnswer<Method>> {
    if (this.#endedBy !== null) return Promise.reject(this.#endedBy);
    return this.#connection.send(method, parameters, sessionId);
  }

  /** Sends a command whose answer nobody waits for. */
  post<Method extends CdpMethod>(
    method: Method,
    parameters?: CdpParameters<Method>,
    sessionId: string = this.identity.sessionId,
  ): void {
    if (this.#endedBy === null) this.#connection.post(method, parameters, sessionId);
  }

  /** Listens to an event of the page or of a child session. */
  on<Name extends CdpEventName>(
    name: Name,
    listener: (parameters: CdpEvent<Name>) => void,
    sessionId: string = this.identity.sessionId,
  ): void {
    if (this.#endedBy === null) this.#connection.on(name, listener, sessionId);
  }

  /** Takes back all listeners of the page to an event, so that it is not even parsed. */
  off(name: CdpEventName, sessionId: string = this.identity.sessionId): void {
    this.#connection.off(name, sessionId);
  }

  /** Forgets a child session that has ended. */
  endChild(sessionId: string): void {
    this.#connection.endSession(sessionId, FRAME_GONE);
  }

  /** Calls the listener once when the page crashes, closes itself or loses its browser; at once when it is gone already. */
  onEnd(listener: (reason: Error) => void): void {
    if (this.#endedBy !== null) listener(this.#endedBy);
    else this.#onEnd = listener;
  }

  onIncident(listener: (incident: PageIncident) => void): void {
    this.#onIncident = listener;
  }

  /** Called by the browser that the page belongs to. */
  tellIncident(incident: PageIncident): void {
    this.#onIncident?.(incident);
  }

  /** Marks the page as gone: every pending and later call rejects with the reason. */
  end(reason: Error): void {
    if (this.#endedBy !== null) return;
    this.#endedBy = reason;
    this.#connection.endSession(this.identity.sessionId, reason);
    const listener = this.#onEnd;
    this.#onEnd = null;
    listener?.(reason);
  }

  /** Closes the page with its context; does not wait for it. A second call does nothing. */
  close(reason: Error = CLOSED): void {
    this.#onEnd = null;
    this.end(reason);
    this.#dispose();
  }
}
