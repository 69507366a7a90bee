import type { TaskHostChannel } from '../../browser/task-host-channel.ts';
import { runTaskHost } from '../../browser/task-host-main.ts';

/** The program of the utility process that owns Chromium. */

// What is written here holds pages of others: nobody but the owner may read it.
process.umask(0o077);

/** The line to the app. When the app is gone, Electron ends this process at once, and Chromium ends with its pipe. */
function parentPortChannel(): TaskHostChannel {
  const { parentPort } = process;
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window: a port has no origin
    send: (message) => parentPort.postMessage(message),
    onMessage: (listener) => {
      parentPort.on('message', ({ data }: { data: unknown }) => listener(data));
    },
    onClosed: () => undefined,
  };
}

await runTaskHost(parentPortChannel());
