import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import type { UiSnapshot } from '../../preload/contract.ts';
import type { Client } from '../transport/client.ts';
import type { ConnectionState } from '../transport/transport.ts';
import type { OfferInbox } from './offer-inbox.ts';
import type { SnapshotState, SnapshotStore } from './snapshot-store.ts';

interface Legwork {
  client: Client;
  store: SnapshotStore;
  offers: OfferInbox;
}

const LegworkContext = createContext<Legwork | null>(null);

/** Gives everything below it the client and the state of the agent. */
export function LegworkProvider({ client, store, offers, children }: Legwork & { children: React.ReactNode }) {
  const value = useMemo(() => ({ client, store, offers }), [client, store, offers]);
  return <LegworkContext value={value}>{children}</LegworkContext>;
}

function useLegwork(): Legwork {
  const legwork = useContext(LegworkContext);
  if (legwork === null) throw new Error('This must be shown within a LegworkProvider.');
  return legwork;
}

export function useClient(): Client {
  return useLegwork().client;
}

export function useOfferInbox(): OfferInbox {
  return useLegwork().offers;
}

/** The snapshot, or why there is none. */
export function useSnapshotState(): SnapshotState {
  const { store } = useLegwork();
  return useSyncExternalStore(store.subscribe, store.state);
}

export function useReadSnapshot(): () => Promise<void> {
  const { store } = useLegwork();
  return () => store.read();
}

/**
 * A part of the snapshot; draws again only when that part changes. `select` must return a part of the snapshot or a
 * primitive. For use below the gate that waits for the first snapshot.
 */
export function useSnapshot<Part>(select: (snapshot: UiSnapshot) => Part): Part {
  const { store } = useLegwork();
  return useSyncExternalStore(store.subscribe, () => {
    const { snapshot } = store.state();
    if (snapshot === null) throw new Error('There is no snapshot yet.');
    return select(snapshot);
  });
}

export function useConnection(): ConnectionState {
  const { client } = useLegwork();
  return useSyncExternalStore(
    (listener) => client.transport.onConnection(listener),
    () => client.transport.connection(),
  );
}
