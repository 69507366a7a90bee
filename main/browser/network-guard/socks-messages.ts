/** The messages of SOCKS 5 (RFC 1928) that a server reads and writes. Pure. */

export const SOCKS_VERSION = 5;

/** RFC 1928, section 3: "no authentication required" and "no acceptable methods". */
export const METHOD_NONE = 0x00;
const METHOD_UNACCEPTABLE = 0xff;

/** RFC 1928, section 6. */
export const REPLY = {
  succeeded: 0x00,
  generalFailure: 0x01,
  notAllowed: 0x02,
  networkUnreachable: 0x03,
  hostUnreachable: 0x04,
  connectionRefused: 0x05,
  timeToLiveExpired: 0x06,
  commandNotSupported: 0x07,
  addressTypeNotSupported: 0x08,
} as const;
export type Reply = (typeof REPLY)[keyof typeof REPLY];

/** What was read from the front of the bytes: a message and its length, that more is needed, or that it is no SOCKS. */
export type Read<Message> =
  | { readonly kind: 'message'; readonly message: Message; readonly length: number }
  | { readonly kind: 'incomplete' }
  | { readonly kind: 'garbage' };

/** What a client asks for. */
export type SocksRequest =
  | { readonly kind: 'connect'; readonly host: string; readonly port: number }
  | { readonly kind: 'unsupported'; readonly reply: Reply };

const INCOMPLETE = { kind: 'incomplete' } as const;
const GARBAGE = { kind: 'garbage' } as const;

const COMMAND_CONNECT = 1;
const ADDRESS_IPV4 = 1;
const ADDRESS_NAME = 3;
const ADDRESS_IPV6 = 4;
const REQUEST_HEAD_BYTES = 4;

/** Reads the greeting: the ways in which the client would authenticate. */
export function readGreeting(bytes: Buffer): Read<{ readonly methods: readonly number[] }> {
  if (bytes.length >= 1 && bytes[0] !== SOCKS_VERSION) return GARBAGE;
  const count = bytes[1];
  if (count === undefined) return INCOMPLETE;
  if (count === 0) return GARBAGE;
  const length = 2 + count;
  if (bytes.length < length) return INCOMPLETE;
  return { kind: 'message', message: { methods: [...bytes.subarray(2, length)] }, length };
}

/** Answers the greeting. */
export function greetingAnswer(accepted: boolean): Buffer {
  return Buffer.from([SOCKS_VERSION, accepted ? METHOD_NONE : METHOD_UNACCEPTABLE]);
}

/** Reads the request that follows the greeting. What is not UTF-8 in a name becomes U+FFFD, which no host holds. */
export function readRequest(bytes: Buffer): Read<SocksRequest> {
  if (bytes.length >= 1 && bytes[0] !== SOCKS_VERSION) return GARBAGE;
  if (bytes.length >= 3 && bytes[2] !== 0) return GARBAGE;
  if (bytes.length <= REQUEST_HEAD_BYTES) return INCOMPLETE;
  const addressType = bytes[3];
  const addressLength = addressBytes(addressType, bytes[REQUEST_HEAD_BYTES] ?? 0);
  if (addressLength === null) return unsupported(REPLY.addressTypeNotSupported, bytes.length);
  const length = REQUEST_HEAD_BYTES + addressLength + 2;
  if (bytes.length < length) return INCOMPLETE;
  if (bytes[1] !== COMMAND_CONNECT) return unsupported(REPLY.commandNotSupported, length);
  const address = bytes.subarray(REQUEST_HEAD_BYTES, REQUEST_HEAD_BYTES + addressLength);
  const message = { kind: 'connect', host: readAddress(addressType, address), port: bytes.readUInt16BE(length - 2) };
  return { kind: 'message', message: message as SocksRequest, length };
}

/** Answers a request. The address that the connection was made from is nobody's business and given as 0.0.0.0:0. */
export function requestAnswer(reply: Reply): Buffer {
  return Buffer.from([SOCKS_VERSION, reply, 0, ADDRESS_IPV4, 0, 0, 0, 0, 0, 0]);
}

function unsupported(reply: Reply, length: number): Read<SocksRequest> {
  return { kind: 'message', message: { kind: 'unsupported', reply }, length };
}

function addressBytes(addressType: number | undefined, firstByte: number): number | null {
  if (addressType === ADDRESS_IPV4) return 4;
  if (addressType === ADDRESS_IPV6) return 16;
  return addressType === ADDRESS_NAME ? 1 + firstByte : null;
}

function readAddress(addressType: number | undefined, bytes: Buffer): string {
  if (addressType === ADDRESS_IPV4) return bytes.join('.');
  if (addressType === ADDRESS_NAME) return bytes.toString('utf8', 1);
  const groups = Array.from({ length: 8 }, (_none, index) => bytes.readUInt16BE(index * 2).toString(16));
  return groups.join(':');
}
