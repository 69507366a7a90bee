import type { FromTaskHost } from '../protocol/task-host-messages.ts';

/** The task host's line to the agent. Messages that come in are unchecked. */
export interface TaskHostChannel {
  send(message: FromTaskHost): void;
  onMessage(listener: (message: unknown) => void): void;
  /** The agent is gone: nobody wants the work any more. */
  onClosed(listener: () => void): void;
}

/** The channel of a forked Node process. */
export function processChannel(): TaskHostChannel {
  return {
    send: (message) => {
      // When the agent is gone the `disconnect` event ends this process; the lost message has no reader.
      if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
    },
    onMessage: (listener) => {
      process.on('message', listener);
    },
    onClosed: (listener) => {
      process.on('disconnect', listener);
      // An agent that died before this line is never heard of again.
      if (!process.connected) setImmediate(listener);
    },
  };
}
