/** One server-sent event as a browser would hand it out. */
export interface ReadEvent {
  id: string;
  event: string;
  // The shape depends on the event; tests look into it freely.
  // oxlint-disable-next-line typescript/no-explicit-any
  data: any;
}

/** Follows an event stream; `close` ends it. */
export class EventReader {
  readonly #abort = new AbortController();
  readonly #events: AsyncGenerator<ReadEvent>;
  /** Comments seen so far. */
  comments = 0;
  readonly response: Promise<Response>;

  constructor(url: string, headers: Record<string, string>) {
    this.response = fetch(url, { headers, signal: this.#abort.signal });
    this.#events = this.#read();
  }

  /** The next event that the condition holds for. */
  async next(condition: (event: ReadEvent) => boolean = () => true): Promise<ReadEvent> {
    for (;;) {
      const { value, done } = await this.#events.next();
      if (done === true) throw new Error('the stream has ended');
      if (condition(value)) return value;
    }
  }

  /** Resolves when the hub has ended the stream. */
  async ended(): Promise<void> {
    for await (const event of this.#events) void event;
  }

  close(): void {
    this.#abort.abort();
  }

  async *#read(): AsyncGenerator<ReadEvent> {
    const { body } = await this.response;
    if (body === null) return;
    let text = '';
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const blocks = text.split('\n\n');
      text = blocks.pop() ?? '';
      for (const block of blocks) {
        if (block.startsWith(':')) this.comments += 1;
        const field = (name: string): string => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (field('event') !== '') yield { id: field('id'), event: field('event'), data: JSON.parse(field('data')) };
      }
    }
  }
}
