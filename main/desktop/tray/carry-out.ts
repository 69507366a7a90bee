import { assertNever } from '../../protocol/assert-never.ts';
import type { Log } from '../../protocol/ports.ts';
import type { UserInterface } from '../../user-interface/create-user-interface.ts';
import type { MainWindow } from '../window/main-window.ts';
import { pauseUntilMs } from './pause-time.ts';
import type { TrayAction } from './tray-menu.ts';

/** Does what an entry of the tray's menu says, by the same calls that the window makes. */
export async function carryOut(
  action: TrayAction,
  { userInterface, window, log }: { userInterface: UserInterface; window: MainWindow; log: Log },
): Promise<void> {
  const call = async (name: string, argument: unknown): Promise<void> => {
    const outcome = await userInterface.answer(name, argument);
    if ('failure' in outcome) log.warn('the tray asked in vain', { call: name, problem: outcome.failure.message });
  };
  switch (action.do) {
    case 'open':
      if (action.view === null) return window.show();
      return window.showAndThen(() => userInterface.navigate(action.view ?? '/overview'));
    case 'pause':
      return call('pause', { untilMs: pauseUntilMs(action.length, Date.now()) });
    case 'resume':
      return call('resume', null);
    case 'startAtLogin':
      return call('setStartAtLogin', { enabled: action.enabled });
    case 'installUpdate':
      return call('installUpdate', null);
    case 'quit':
      return call('quit', { how: action.how });
    default:
      return assertNever(action, 'action of the tray');
  }
}
