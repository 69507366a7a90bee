import type { PageSession } from '../page-session.ts';
import type { Emulation } from './emulation.ts';
import type { NetworkRecorder } from './network-recorder.ts';
import type { PageWatcher } from './page-watcher.ts';
import type { RequestControl } from './request-control.ts';

/** What a page's child sessions are told and tell: the same as the page itself. */
export interface ChildSessionRules {
  readonly emulation: Emulation;
  readonly network: NetworkRecorder;
  readonly watcher: PageWatcher;
  readonly requests: RequestControl;
  /** More to listen to in a child session. */
  listen(sessionId: string): void;
}

/**
 * Takes in the frames of other sites and the workers of a page, which Chromium gives sessions of their own. Each is
 * held at its start until it has been told everything, so that none of its requests goes uncounted.
 */
export function watchChildSessions(page: PageSession, rules: ChildSessionRules): void {
  const watch = (parentId: string): void => {
    page.on(
      'Target.attachedToTarget',
      ({ sessionId, targetInfo }) => {
        rules.network.listen(sessionId);
        rules.listen(sessionId);
        page.post('Network.enable', {}, sessionId);
        if (targetInfo.type === 'iframe') {
          rules.watcher.listen(sessionId);
          page.post('Runtime.enable', undefined, sessionId);
          page.post('Log.enable', undefined, sessionId);
          rules.emulation.applyToFrame(page, sessionId);
          rules.requests.start(page, sessionId);
        } else if (!rules.watcher.countWorker()) return;
        watch(sessionId);
        page.post('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true }, sessionId);
        page.post('Runtime.runIfWaitingForDebugger', undefined, sessionId);
      },
      parentId,
    );
    page.on(
      'Target.detachedFromTarget',
      ({ sessionId }) => {
        rules.network.forget(sessionId);
        page.endChild(sessionId);
      },
      parentId,
    );
  };
  watch(page.identity.sessionId);
}
