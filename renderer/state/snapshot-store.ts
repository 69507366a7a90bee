import { replaceEqualDeep } from '@tanstack/react-query';
import type { UiSnapshot } from '../../preload/contract.ts';
import { type CallError, type Client } from '../transport/client.ts';

/** What the window knows of the agent: nothing yet, a snapshot, or why there is none. */
export interface SnapshotState {
  readonly snapshot: UiSnapshot | null;
  readonly error: CallError | null;
}

/**
 * Keeps the newest snapshot. Parts that did not change keep their identity, so that only what shows a changed part is
 * drawn again.
 */
export class SnapshotStore {
  readonly #client: Client;
  readonly #listeners = new Set<() => void>();
  #state: SnapshotState = { snapshot: null, error: null };

  constructor(client: Client) {
    this.#client = client;
    client.on('snapshot', (snapshot) => this.#take(snapshot, false));
    client.transport.onConnection(() => {
      if (client.transport.connection() === 'open') void this.read();
    });
    void this.read();
  }

  /** Asks for the state as it is now; what the agent says by itself afterwards comes as events. */
  async read(): Promise<void> {
    try {
      this.#take(await this.#client.call('snapshot', null), true);
    } catch (error) {
      this.#set({ snapshot: this.#state.snapshot, error: error as CallError });
    }
  }

  state = (): SnapshotState => this.#state;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** A late snapshot is dropped; one that was asked for counts always, since the program may have been started anew. */
  #take(snapshot: UiSnapshot, wasAsked: boolean): void {
    const before = this.#state.snapshot;
    if (!wasAsked && before !== null && snapshot.sequence < before.sequence) return;
    this.#set({ snapshot: replaceEqualDeep(before, snapshot), error: null });
  }

  #set(state: SnapshotState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
