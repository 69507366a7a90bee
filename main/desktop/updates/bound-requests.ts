/** A request as far as it is watched: one of Electron's `net`, which never times out by itself. */
export interface WatchedRequest {
  once(event: 'abort' | 'error' | 'redirect', listener: () => void): unknown;
  emit(event: 'error', error: Error): boolean;
  abort(): void;
}

export interface WatchedResponse {
  on(event: 'data', listener: (chunk: { length: number }) => void): unknown;
  once(event: 'end' | 'error' | 'close', listener: () => void): unknown;
}

/** What sends the requests of electron-updater. */
export interface RequestSender<Options extends { path?: string | null }, Response extends WatchedResponse> {
  createRequest(options: Options, onResponse: (response: Response) => void): WatchedRequest;
}

/** How much a server may ask of us. */
export interface RequestBounds {
  /** A server that says nothing for so long has gone. */
  silenceMs: number;
  /** The list of versions comes within this. */
  listMs: number;
  mostListBytes: number;
  mostFileBytes: number;
}

export const UPDATE_BOUNDS: RequestBounds = {
  silenceMs: 60_000,
  listMs: 60_000,
  mostListBytes: 1024 * 1024,
  mostFileBytes: 1024 * 1024 * 1024,
};

/**
 * Has every request of a sender end with an error, in a sentence, when its server falls silent or sends without end: a
 * check that never ends would be the last one, and what is too large would fill memory or disk.
 */
export function boundRequests<Options extends { path?: string | null }, Response extends WatchedResponse>(
  sender: RequestSender<Options, Response>,
  bounds: RequestBounds,
): void {
  const create = sender.createRequest.bind(sender);
  sender.createRequest = (options, onResponse) => {
    const isList = /\.yml(\?|$)/.test(options.path ?? '');
    const mostBytes = isList ? bounds.mostListBytes : bounds.mostFileBytes;
    let receivedBytes = 0;
    const request = create(options, (response) => {
      response.on('data', ({ length }) => {
        silence.refresh();
        receivedBytes += length;
        if (receivedBytes > mostBytes) fail('The update server sends more than an update can be.');
      });
      response.once('end', stop);
      response.once('error', stop);
      response.once('close', stop);
      onResponse(response);
    });
    const silence = setTimeout(() => fail('The update server does not answer.'), bounds.silenceMs);
    const whole = isList ? setTimeout(() => fail('The update server is too slow.'), bounds.listMs) : undefined;
    function stop(): void {
      clearTimeout(silence);
      clearTimeout(whole);
    }
    function fail(sentence: string): void {
      stop();
      request.emit('error', new Error(sentence));
      request.abort();
    }
    // Not at `close`: Electron tells of it as soon as the request has been sent.
    request.once('abort', stop);
    request.once('error', stop);
    request.once('redirect', stop);
    return request;
  };
}
