import { contextBridge, ipcRenderer } from 'electron';
import type { Bridge, CallOutcome } from './contract.ts';
import { IPC_CALL_CHANNEL, IPC_EVENT_CHANNEL } from './contract/channels.ts';

/** All that the window's page can reach of the app: calls and events of the contract, by name. */
const bridge: Bridge = {
  call: (name, argument) => ipcRenderer.invoke(IPC_CALL_CHANNEL, { name, argument }) as Promise<CallOutcome>,
  subscribe: (listener) => {
    const onEvent = (_event: unknown, { name, data }: { name: string; data: unknown }): void => listener(name, data);
    ipcRenderer.on(IPC_EVENT_CHANNEL, onEvent);
    return () => ipcRenderer.off(IPC_EVENT_CHANNEL, onEvent);
  },
};

contextBridge.exposeInMainWorld('legwork', bridge);
