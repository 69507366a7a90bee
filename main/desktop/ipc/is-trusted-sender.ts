import { APP_ORIGIN } from '../assets/app-address.ts';

/** Who has sent a message over IPC, as far as it matters. */
export interface Sender {
  /** Address of the frame that sent it; null when the frame is gone. */
  url: string | null;
  /** Whether it is the main frame of its page. */
  isMainFrame: boolean;
  /** Whether its page is that of our own window. */
  isOwnWindow: boolean;
}

/**
 * Whether a message may be answered: only the main frame of our own window, while it shows our own page. A result that
 * is shown in a frame of it must not be able to ask for anything, whatever it has managed to run.
 */
export function isTrustedSender({ url, isMainFrame, isOwnWindow }: Sender): boolean {
  if (!isOwnWindow || !isMainFrame || url === null || !URL.canParse(url)) return false;
  // `origin` of a URL with a scheme of one's own is "null" in Node.
  const { protocol, host, username, password } = new URL(url);
  return `${protocol}//${host}` === APP_ORIGIN && username === '' && password === '';
}
