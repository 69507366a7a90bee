import { request as requestHttp, type RequestOptions } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';

/** A webhook on its way. */
export interface OutgoingWebhook {
  readonly url: URL;
  /** The checked addresses of the host; nothing else is dialled. */
  readonly addresses: readonly string[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Posts it and resolves with the status; redirects are not followed, and the answer's body is not read. @throws Error */
export function postWebhook({ url, addresses, headers, body, signal }: OutgoingWebhook): Promise<number> {
  const bytes = Buffer.from(body, 'utf8');
  const options: RequestOptions = {
    method: 'POST',
    headers: { ...headers, 'Content-Length': bytes.length },
    lookup: lookupAmong(addresses),
    agent: false,
    signal,
  };
  return new Promise((resolve, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(url, options, (response) => {
      resolve(response.statusCode ?? 0);
      response.on('error', () => {}).destroy();
    });
    request.on('error', reject);
    request.end(bytes);
  });
}

/** Answers every look-up with the addresses that were checked. */
function lookupAmong(addresses: readonly string[]): LookupFunction {
  const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }));
  return (_host, options, callback) => {
    const [first] = found;
    if (first === undefined) callback(new Error('There is no address.'), '');
    else if (options.all === true) callback(null, found);
    else callback(null, first.address, first.family);
  };
}
