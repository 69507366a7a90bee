import type { EventData } from '../../preload/contract.ts';
import type { Client } from '../transport/client.ts';

type Offer = EventData<'enrolmentOffered'>;

/**
 * Takes the offers of links that were followed. One that comes before anything is drawn that could ask the person about
 * it, when the link has opened the window, is kept until then.
 */
export class OfferInbox {
  #kept: Offer | null = null;
  #listener: ((offer: Offer) => void) | null = null;

  constructor(client: Client) {
    client.on('enrolmentOffered', (offer) => {
      if (this.#listener === null) this.#kept = offer;
      else this.#listener(offer);
    });
  }

  /** From now on offers go to this listener, one that was kept at once. @returns the function that ends it */
  listen(listener: (offer: Offer) => void): () => void {
    this.#listener = listener;
    const kept = this.#kept;
    this.#kept = null;
    if (kept !== null) listener(kept);
    return () => {
      if (this.#listener === listener) this.#listener = null;
    };
  }
}
