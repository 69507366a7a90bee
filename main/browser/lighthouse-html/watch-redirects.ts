import type { CdpConnection } from '../cdp-connection.ts';
import type { RedirectCheck } from '../robots/redirect-check.ts';

/**
 * Holds every document that a page of the browser is led on to until it has been asked for. Whoever else drives the
 * browser need not know. Resolves when no page can come up unnoticed.
 */
export async function watchRedirects(connection: CdpConnection, redirects: RedirectCheck): Promise<void> {
  connection.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
    if (targetInfo.type === 'page') watchPage(connection, redirects, sessionId, targetInfo.targetId);
    connection.post('Runtime.runIfWaitingForDebugger', undefined, sessionId);
  });
  await connection.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: true, flatten: true });
}

/** @param frameId of the main frame, which has the name of its page */
function watchPage(connection: CdpConnection, redirects: RedirectCheck, sessionId: string, frameId: string): void {
  connection.on(
    'Fetch.requestPaused',
    (event) => {
      const { requestId } = event;
      const asking = event.frameId === frameId ? redirects.mayVisit(event.request.url) : Promise.resolve(true);
      void asking.then((mayVisit) =>
        mayVisit
          ? connection.post('Fetch.continueRequest', { requestId }, sessionId)
          : connection.post('Fetch.failRequest', { requestId, errorReason: 'BlockedByClient' }, sessionId),
      );
    },
    sessionId,
  );
  connection.post('Fetch.enable', { patterns: [{ resourceType: 'Document' }] }, sessionId);
}
