/** Called with where a message lies in a buffer; the buffer is only valid during the call. */
export type MessageReceiver = (bytes: Buffer, start: number, end: number) => void;

/**
 * Cuts a stream of bytes into messages that each end with a zero byte, whatever the chunks are. A large message that
 * comes in many chunks is joined once.
 */
export class MessageSplitter {
  readonly #receive: MessageReceiver;
  #parts: Buffer[] = [];

  constructor(receive: MessageReceiver) {
    this.#receive = receive;
  }

  push(chunk: Buffer): void {
    let start = 0;
    let end = chunk.indexOf(0);
    if (end !== -1 && this.#parts.length > 0) {
      this.#parts.push(chunk.subarray(0, end));
      const joined = Buffer.concat(this.#parts);
      this.#parts = [];
      this.#receive(joined, 0, joined.length);
      start = end + 1;
      end = chunk.indexOf(0, start);
    }
    while (end !== -1) {
      if (end > start) this.#receive(chunk, start, end);
      start = end + 1;
      end = chunk.indexOf(0, start);
    }
    if (start < chunk.length) this.#parts.push(chunk.subarray(start));
  }
}
