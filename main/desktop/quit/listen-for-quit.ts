import { app } from 'electron';
import { listenForStop } from '../../commands/stop-signals.ts';
import type { QuitFlow } from './quit-flow.ts';

/** What a person is told who has asked for it. */
export const ASKED_FOR = 'You have asked for it.';

/** Has every other way of ending the program end it in order: signals, the system's own menus, `app.quit()` of a library. */
export function listenForQuit(quit: QuitFlow): void {
  app.on('before-quit', (event) => {
    if (quit.hasStopped) return;
    event.preventDefault();
    if (!quit.isEnding) quit.request({ how: 'drain', reason: ASKED_FOR, asker: 'person' });
  });
  listenForStop({
    onStop: (signal) => quit.request({ how: 'drain', reason: `It was asked to stop (${signal}).`, asker: 'system' }),
    onStopAtOnce: () => quit.request({ how: 'now', reason: 'It was asked to stop at once.', asker: 'system' }),
  });
}
