import { BaseWindow, powerMonitor } from 'electron';

export interface PowerListeners {
  /** The machine goes to sleep in a moment. */
  onSuspend: () => void;
  onResume: () => void;
  /** The machine is shut down, or the person logs out. */
  onSessionEnd: () => void;
}

/** Listens to what the system says before it stops, and after it has woken up. */
export function listenForPower({ onSuspend, onResume, onSessionEnd }: PowerListeners): void {
  powerMonitor.on('suspend', onSuspend);
  powerMonitor.on('resume', onResume);
  // Linux and macOS wait a few seconds when they are asked to. The types of this event leave its argument out.
  (powerMonitor as NodeJS.EventEmitter).on('shutdown', (event?: { preventDefault(): void }) => {
    event?.preventDefault();
    onSessionEnd();
  });
  if (process.platform === 'win32') listenOnWindows(onSessionEnd);
}

/** Windows tells it to windows only; the visible one is not always there. */
function listenOnWindows(onSessionEnd: () => void): void {
  const listener = new BaseWindow({ show: false, skipTaskbar: true, width: 1, height: 1 });
  listener.on('session-end', onSessionEnd);
}
