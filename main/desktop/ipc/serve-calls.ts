import { ipcMain, type IpcMainInvokeEvent, type WebContents } from 'electron';
import { z } from 'zod';
import { type CallName, type CallOutcome, IPC_CALL_CHANNEL, IPC_EVENT_CHANNEL } from '../../../preload/contract.ts';
import type { Log } from '../../protocol/ports.ts';
import { isTrustedSender } from './is-trusted-sender.ts';

/** What the preload script sends. The argument is parsed by the contract's own schema when the call is known. */
const callMessage = z.strictObject({ name: z.string().max(100), argument: z.unknown() });

export interface CallServerOptions {
  /** The page of the window that is open now. */
  ownPage: () => WebContents | null;
  answer: (name: string, argument: unknown) => Promise<CallOutcome>;
  /** The page has asked for its first snapshot, and listens to events from now on. */
  onPageReady: () => void;
  log: Log;
}

/** Answers the calls of the window's page over IPC, and of nobody else. */
export function serveCalls({ ownPage, answer, onPageReady, log }: CallServerOptions): void {
  ipcMain.handle(IPC_CALL_CHANNEL, async (event, message: unknown): Promise<CallOutcome> => {
    if (!isTrustedSender(senderOf(event, ownPage()))) {
      log.warn('refused a call of a foreign frame', { url: event.senderFrame?.url.slice(0, 200) });
      return { failure: { code: 'foreign_sender', message: 'This frame may not call Legwork.' } };
    }
    const parsed = callMessage.safeParse(message);
    if (!parsed.success) return { failure: { code: 'invalid_call', message: 'This is not a call.' } };
    const outcome = await answer(parsed.data.name, parsed.data.argument);
    if (parsed.data.name === ('snapshot' satisfies CallName)) onPageReady();
    return outcome;
  });
}

function senderOf(event: IpcMainInvokeEvent, ownPage: WebContents | null): Parameters<typeof isTrustedSender>[0] {
  const frame = event.senderFrame;
  return {
    url: frame?.url ?? null,
    isMainFrame: frame !== null && frame === event.sender.mainFrame,
    isOwnWindow: ownPage !== null && event.sender === ownPage,
  };
}

/** Tells the window's page of an event; nothing happens without a window. */
export function sendEvent(page: WebContents | null, name: string, data: unknown): void {
  if (page === null || page.isDestroyed()) return;
  page.send(IPC_EVENT_CHANNEL, { name, data });
}
