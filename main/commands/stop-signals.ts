/** What happens to a program that runs until it is told to stop. */
export interface StopHandlers {
  /** The first signal: stop cleanly. */
  onStop(reason: string): void;
  /** A second one: stop at once. */
  onStopAtOnce(): void;
}

/**
 * A terminal sends Ctrl-C to the whole group of processes and npm passes it on as well, so that one press may arrive
 * twice; nobody presses twice within this time.
 */
const SAME_PRESS_MS = 250;

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/**
 * Listens for signals to stop, and for the end of the parent where one has started this program with a message channel
 * (so that nothing stays behind when the parent is killed).
 * @returns the function that ends the listening
 */
export function listenForStop(handlers: StopHandlers, nowMs: () => number = Date.now): () => void {
  let stopRequests = 0;
  let lastInterruptMs = Number.NEGATIVE_INFINITY;

  function request(reason: string): void {
    stopRequests += 1;
    if (stopRequests === 1) handlers.onStop(reason);
    else handlers.onStopAtOnce();
  }

  const listeners = SIGNALS.map((signal) => {
    const listener = (): void => {
      const now = nowMs();
      const isSamePress = signal === 'SIGINT' && now - lastInterruptMs < SAME_PRESS_MS;
      if (signal === 'SIGINT') lastInterruptMs = now;
      if (!isSamePress) request(signal);
    };
    process.on(signal, listener);
    return { signal, listener };
  });
  const onMessage = (message: unknown): void => {
    if (message === 'stop') request('parent asked');
  };
  const onDisconnect = (): void => {
    if (stopRequests === 0) request('parent ended');
  };
  process.on('message', onMessage);
  process.on('disconnect', onDisconnect);
  // The parent may have ended before anybody listened; without a channel this is undefined.
  const isConnected = process.connected as boolean | undefined;
  if (isConnected === false) setImmediate(onDisconnect);

  return () => {
    for (const { signal, listener } of listeners) process.off(signal, listener);
    process.off('message', onMessage);
    process.off('disconnect', onDisconnect);
  };
}
