import { type Bridge, WEB_SOCKET_PATH } from '../../preload/contract.ts';
import { electronTransport, type Transport } from './transport.ts';
import { WebSocketTransport } from './web-socket-transport.ts';

declare global {
  interface Window {
    /** Put there by Electron's preload script. */
    legwork?: Bridge;
  }
}

/** Electron's bridge where there is one, otherwise a WebSocket to where the page came from. */
export function openTransport(): Transport {
  if (window.legwork !== undefined) return electronTransport(window.legwork);
  const url = new URL(WEB_SOCKET_PATH, document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  url.hash = '';
  return new WebSocketTransport(url.href);
}
