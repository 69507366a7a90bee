import type { Protocol } from 'devtools-protocol';
import { LegworkError } from '../../protocol/error-table.ts';
import type { PageSession } from '../page-session.ts';
import { LIMITS } from './limits.ts';

export interface ConsoleError {
  readonly text: string;
  readonly url: string | null;
  readonly line: number | null;
}

export interface Dialog {
  readonly type: Protocol.Page.DialogType;
  readonly message: string;
}

/** Collects what a page says and opens beside its document: console errors, dialogs, popups, downloads. All bounded. */
export class PageWatcher {
  readonly consoleErrors: ConsoleError[] = [];
  readonly dialogs: Dialog[] = [];
  readonly popups: string[] = [];
  /** What there was more of than is listed. */
  readonly truncated = new Set<'consoleErrors' | 'dialogs' | 'popups'>();
  readonly #page: PageSession;
  readonly #fail: (error: LegworkError) => void;
  #consoleCalls = 0;
  #dialogCount = 0;
  #popupCount = 0;
  #frameCount = 0;
  #workerCount = 0;

  constructor(page: PageSession, fail: (error: LegworkError) => void) {
    this.#page = page;
    this.#fail = fail;
    this.listen(page.identity.sessionId);
    page.on('Page.javascriptDialogOpening', (event) => this.#onDialog(event));
    page.on('Page.windowOpen', ({ url }) => {
      if (this.popups.length < LIMITS.listedPopups) this.popups.push(url.slice(0, LIMITS.urlCharacters));
      else this.truncated.add('popups');
      this.#countPopup();
    });
    page.onIncident((incident) => {
      if (incident.kind !== 'download') return;
      this.#fail(new LegworkError('download_refused', `It is ${incident.url.slice(0, LIMITS.textCharacters)}`));
    });
  }

  /** Collects console errors of the page's session, or of a child session. */
  listen(sessionId: string): void {
    const page = this.#page;
    page.on('Page.frameAttached', () => this.#countFrame(), sessionId);
    page.on('Runtime.consoleAPICalled', (event) => this.#onConsoleCall(event, sessionId), sessionId);
    page.on('Runtime.exceptionThrown', ({ exceptionDetails }) => this.#onException(exceptionDetails), sessionId);
    page.on('Log.entryAdded', ({ entry }) => this.#onLogEntry(entry), sessionId);
  }

  /** Called for each worker of the page. @returns whether it may run */
  countWorker(): boolean {
    this.#workerCount += 1;
    if (this.#workerCount <= LIMITS.workers) return true;
    this.#fail(new LegworkError('page_too_busy', `It started more than ${LIMITS.workers} workers.`));
    return false;
  }

  #countFrame(): void {
    this.#frameCount += 1;
    if (this.#frameCount > LIMITS.frames) {
      this.#fail(new LegworkError('page_too_busy', `It opened more than ${LIMITS.frames} frames.`));
    }
  }

  #onConsoleCall({ type, args, stackTrace }: Protocol.Runtime.ConsoleAPICalledEvent, sessionId: string): void {
    this.#consoleCalls += 1;
    if (this.#consoleCalls > LIMITS.consoleCalls) {
      this.truncated.add('consoleErrors');
      // A page that logs in a loop would keep this process busy with parsing; a busy page hears of it only later.
      this.#page.off('Runtime.consoleAPICalled', sessionId);
      this.#page.post('Runtime.disable', undefined, sessionId);
      this.#page.post('Log.disable', undefined, sessionId);
      return;
    }
    if (type !== 'error' && type !== 'assert') return;
    const text = args.map((argument) => describeArgument(argument)).join(' ');
    const place = stackTrace?.callFrames[0];
    this.#addError(text, place?.url, place?.lineNumber);
  }

  #onException(details: Protocol.Runtime.ExceptionDetails): void {
    const description = details.exception?.description?.split('\n')[0];
    const text = description === undefined ? details.text : `${details.text} ${description}`;
    this.#addError(text, details.url ?? details.stackTrace?.callFrames[0]?.url, details.lineNumber);
  }

  #onLogEntry({ level, source, text, url, lineNumber }: Protocol.Log.LogEntry): void {
    // Failed requests are listed by themselves.
    if (level === 'error' && source !== 'network') this.#addError(text, url, lineNumber);
  }

  /** @param line counted from 0, as the protocol does */
  #addError(text: string, url: string | undefined, line: number | undefined): void {
    if (this.consoleErrors.length >= LIMITS.consoleErrors) {
      this.truncated.add('consoleErrors');
      return;
    }
    this.consoleErrors.push({
      text: text.slice(0, LIMITS.textCharacters),
      url: url === undefined || url === '' ? null : url.slice(0, LIMITS.urlCharacters),
      line: line === undefined ? null : line + 1,
    });
  }

  #onDialog({ type, message }: Protocol.Page.JavascriptDialogOpeningEvent): void {
    this.#dialogCount += 1;
    if (this.dialogs.length < LIMITS.listedDialogs) {
      this.dialogs.push({ type, message: message.slice(0, LIMITS.textCharacters) });
    } else this.truncated.add('dialogs');
    // To dismiss `beforeunload` would keep a page where it is that wants to go on.
    this.#page.post('Page.handleJavaScriptDialog', { accept: type === 'beforeunload' });
    if (this.#dialogCount > LIMITS.dialogs) {
      this.#fail(new LegworkError('page_too_busy', `It opened more than ${LIMITS.dialogs} dialogs.`));
    }
  }

  #countPopup(): void {
    this.#popupCount += 1;
    if (this.#popupCount > LIMITS.popups) {
      this.#fail(new LegworkError('page_too_busy', `It opened more than ${LIMITS.popups} windows.`));
    }
  }
}

function describeArgument(argument: Protocol.Runtime.RemoteObject): string {
  if (argument.description !== undefined) return argument.description.split('\n')[0] ?? '';
  if (argument.unserializableValue !== undefined) return argument.unserializableValue;
  const value: unknown = argument.value;
  return typeof value === 'string' ? value : JSON.stringify(value ?? argument.type);
}
