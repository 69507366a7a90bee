import type { Bridge } from '../../preload/contract.ts';

/** Whether calls reach the agent. `lost`: they did, and are being tried again. */
export type ConnectionState = 'connecting' | 'open' | 'lost';

/** A bridge that can say whether it is there. */
export interface Transport extends Bridge {
  connection(): ConnectionState;
  /** @returns the function that ends the subscription */
  onConnection(listener: () => void): () => void;
}

/** The bridge of Electron's preload script; it lives as long as the window does. */
export function electronTransport(bridge: Bridge): Transport {
  return {
    call: (name, argument) => bridge.call(name, argument),
    subscribe: (listener) => bridge.subscribe(listener),
    connection: () => 'open',
    onConnection: () => () => {},
  };
}
