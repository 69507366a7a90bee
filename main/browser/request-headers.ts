import { z } from 'zod';

const MAX_HEADERS = 50;
const MAX_VALUE_CHARACTERS = 4_000;

/** RFC 9110 section 5.6.2: a token. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/;

/** RFC 9110 section 5.5: visible characters, space and tab; no line ends, nothing beyond ASCII, no space at the ends. */
const HEADER_VALUE = /^(?:[!-~](?:[\t -~]*[!-~])?)?$/;

/** Names that belong to the connection or to the browser, each with what to do instead. */
const REFUSED_NAMES: Readonly<Record<string, string>> = {
  host: 'it follows from the URL',
  'content-length': 'it follows from the body',
  'content-encoding': 'it follows from the body',
  'accept-encoding': 'the browser sends what it can read',
  cookie: 'use cookies',
  'user-agent': 'use userAgent',
  // RFC 9110 section 7.6.1 and RFC 9112: they speak of one connection, not of the request.
  connection: 'it belongs to the connection',
  'keep-alive': 'it belongs to the connection',
  'proxy-authenticate': 'it belongs to the connection',
  'proxy-authorization': 'it belongs to the connection',
  'proxy-connection': 'it belongs to the connection',
  te: 'it belongs to the connection',
  trailer: 'it belongs to the connection',
  'transfer-encoding': 'it belongs to the connection',
  upgrade: 'it belongs to the connection',
  'http2-settings': 'it belongs to the connection',
  expect: 'it belongs to the connection',
  via: 'it belongs to the connection',
  // A stored payload marks with it what is sealed.
  $sealed: 'Legwork uses it itself',
};

/** Whole families: what the browser says of itself, and what is for a proxy on the way. */
const REFUSED_PREFIXES: readonly [prefix: string, reason: string][] = [
  ['sec-', 'the browser sets it'],
  ['proxy-', 'it belongs to the connection'],
];

function headerFault(name: string, value: string): string | null {
  if (!HEADER_NAME.test(name)) return 'is not a header name';
  const refusal = Object.hasOwn(REFUSED_NAMES, name.toLowerCase()) ? REFUSED_NAMES[name.toLowerCase()] : undefined;
  if (refusal !== undefined) return `may not be set: ${refusal}`;
  const family = REFUSED_PREFIXES.find(([prefix]) => name.toLowerCase().startsWith(prefix));
  if (family !== undefined) return `may not be set: ${family[1]}`;
  if (value.length > MAX_VALUE_CHARACTERS) return `must have at most ${MAX_VALUE_CHARACTERS} characters`;
  if (!HEADER_VALUE.test(value)) return 'must be printable ASCII without line ends or spaces at its ends';
  return null;
}

/** Headers that an operator may add to the requests of a page. */
export const extraHeaders = z
  .record(z.string(), z.string())
  .superRefine((headers, context) => {
    const entries = Object.entries(headers);
    if (entries.length > MAX_HEADERS) {
      context.addIssue({ code: 'custom', message: `must have at most ${MAX_HEADERS} headers` });
    }
    for (const [name, value] of entries) {
      const fault = headerFault(name, value);
      if (fault !== null) context.addIssue({ code: 'custom', path: [name], message: fault });
    }
  })
  .describe('Sent with every request of the page; Authorization only to the origin of the URL.');
