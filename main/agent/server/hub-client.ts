import { ZodError, type z } from 'zod';
import { describeError } from '../../protocol/describe-error.ts';
import { canonicalRequest } from '../../protocol/canonical-string.ts';
import type { JsonObject } from '../../protocol/fields.ts';
import { hubErrorBody } from '../../protocol/hub-errors.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import { createNonce, HEADER, isNonce, signRequest, verifyResponse } from '../../protocol/signature.ts';
import { HubCallError } from './hub-call-error.ts';
import { TransportError, type HttpResponse, type HttpTransport } from './http-transport.ts';
import { isRetryableStatus, parseRetryAfterMs } from './retry-rules.ts';

/** Who signs. For the enrolment call, the token's id and key stand in for a worker's. */
export interface Credentials {
  workerId: string;
  secret: string;
}

/** The hub's answer, proven to be the hub's. `body` is null when there is none (204). */
export interface HubAnswer {
  status: number;
  body: unknown;
}

export interface CallOptions {
  timeoutMs?: number;
  signal?: AbortSignal | undefined;
}

const DEFAULT_TIMEOUT_MS = 30_000;
/** More than the largest batch that an agent asks for; what is larger is not read to its end. */
const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
/** What an answer says that is not provably the hub's is only shown, so that no more than this of it is parsed. */
const MAX_UNVERIFIED_BYTES = 64 * 1024;
/** Times that JavaScript's dates can have (ECMA-262, 21.4.1.1). */
const MAX_UNIX_MS = 8.64e15;
const EMPTY = Buffer.alloc(0);

/**
 * Signed calls to one hub. Each request is signed anew, each answer verified against the request's nonce before any of
 * it is believed. When the hub says that the clock is off, the agent takes over the hub's time and tries once more.
 */
export class HubClient {
  readonly #transport: HttpTransport;
  readonly #credentials: () => Credentials;
  readonly #basePath: string;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #logSigning: boolean;
  /** The hub's clock minus ours, since the hub has refused ours; requests are signed by it. */
  #clockOffsetMs = 0;
  /** As the latest answer of the hub shows it; null before the first. */
  #seenOffsetMs: number | null = null;

  constructor(options: {
    transport: HttpTransport;
    /** Asked at each call, so that a rotated secret is used from the next call on. */
    credentials: () => Credentials;
    /** Path of the hub's address, without a slash at the end; usually empty. */
    basePath: string;
    clock: Clock;
    log: Log;
    /** Logs what each request's signature covers; never the secret or the signature. */
    logSigning?: boolean;
  }) {
    this.#transport = options.transport;
    this.#credentials = options.credentials;
    this.#basePath = options.basePath;
    this.#clock = options.clock;
    this.#log = options.log;
    this.#logSigning = options.logSigning ?? false;
  }

  /** The hub's clock minus this machine's, in milliseconds, as its latest answer shows it; 0 before the first. */
  get clockOffsetMs(): number {
    return this.#seenOffsetMs ?? this.#clockOffsetMs;
  }

  /**
   * Sends a JSON body and reads the answer by its schema.
   * @throws HubCallError on everything but a verified 2xx that fits the schema
   */
  async post<Schema extends z.ZodType>(
    path: string,
    message: JsonObject,
    schema: Schema,
    options: CallOptions = {},
  ): Promise<z.output<Schema>> {
    const answer = await this.call('POST', path, Buffer.from(JSON.stringify(message)), 'application/json', options);
    return parseAnswer(answer, schema);
  }

  /**
   * One signed exchange.
   * @throws HubCallError on everything but a verified 2xx
   */
  async call(
    method: string,
    path: string,
    body: Buffer = EMPTY,
    contentType = 'application/json',
    options: CallOptions = {},
  ): Promise<HubAnswer> {
    try {
      return await this.#exchange(method, path, body, contentType, options);
    } catch (error) {
      const hubTimeMs =
        error instanceof HubCallError && error.code === 'clock_skew' ? error.details['hubTimeMs'] : null;
      if (typeof hubTimeMs !== 'number' || !(hubTimeMs >= 0 && hubTimeMs <= MAX_UNIX_MS)) throw error;
      this.#clockOffsetMs = Math.round(hubTimeMs - this.#clock.nowMs());
      this.#log.warn('the clock of this machine is off; using the hub’s time', { offsetMs: this.#clockOffsetMs });
      return this.#exchange(method, path, body, contentType, options);
    }
  }

  async #exchange(
    method: string,
    path: string,
    body: Buffer,
    contentType: string,
    options: CallOptions,
  ): Promise<HubAnswer> {
    const { workerId, secret } = this.#credentials();
    const timestamp = Math.floor((this.#clock.nowMs() + this.#clockOffsetMs) / 1_000);
    const nonce = createNonce();
    const pathAndQuery = this.#basePath + path;
    if (this.#logSigning) {
      const covered = canonicalRequest({ timestamp, nonce, method, pathAndQuery, body });
      this.#log.info('signing a request', { workerId, canonicalString: covered });
    }
    const sentAtMs = this.#clock.nowMs();
    let response: HttpResponse;
    try {
      response = await this.#transport.send({
        method,
        pathAndQuery,
        headers: {
          ...(body.byteLength > 0 ? { 'Content-Type': contentType } : {}),
          Accept: 'application/json',
          [HEADER.workerId]: workerId,
          [HEADER.timestamp]: String(timestamp),
          [HEADER.nonce]: nonce,
          [HEADER.signature]: signRequest(secret, { timestamp, nonce, method, pathAndQuery, body }),
        },
        body,
        timeoutMs: options.timeoutMs ?? DEFAULT_TIMEOUT_MS,
        maxResponseBytes: MAX_RESPONSE_BYTES,
        signal: options.signal,
      });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      throw new HubCallError({
        failure: error.kind === 'aborted' ? 'aborted' : 'unreachable',
        message: `${method} ${path}: ${error.message}`,
        retryable: error.kind !== 'aborted',
      });
    }
    return this.#verifiedAnswer(`${method} ${path}`, response, { secret, requestNonce: nonce, sentAtMs });
  }

  /** The hub has signed its answer some time between request and answer: what does not fit into that is an offset. */
  #offsetOf(response: HttpResponse, sentAtMs: number): number {
    const signedAtMs = Number(response.headers[HEADER.timestamp.toLowerCase()]) * 1_000;
    const receivedAtMs = this.#clock.nowMs();
    if (signedAtMs + 1_000 < sentAtMs) return signedAtMs + 1_000 - sentAtMs;
    return signedAtMs > receivedAtMs ? signedAtMs - receivedAtMs : 0;
  }

  #verifiedAnswer(
    what: string,
    response: HttpResponse,
    { secret, requestNonce, sentAtMs }: { secret: string; requestNonce: string; sentAtMs: number },
  ): HubAnswer {
    const retryAfterMs = parseRetryAfterMs(response.headers['retry-after'], this.#clock.nowMs());
    if (!isSigned(response, secret, requestNonce)) {
      const isShort = response.body.byteLength <= MAX_UNVERIFIED_BYTES;
      const said = isShort ? readRefusal(parseJson(response.body)) : null;
      throw new HubCallError({
        failure: 'unverified',
        message: `${what}: the answer with status ${response.status} is not provably the hub's${said === null ? '' : ` (it says ${said.code})`}`,
        status: response.status,
        code: said?.code ?? 'unverified',
        retryable: true,
        retryAfterMs,
      });
    }
    this.#seenOffsetMs = this.#offsetOf(response, sentAtMs);
    const body = parseJson(response.body);
    if (response.status >= 200 && response.status < 300) return { status: response.status, body };
    const error = readRefusal(body);
    throw new HubCallError({
      failure: 'refused',
      message: `${what}: the hub refuses with status ${response.status}${error === null ? '' : ` ${error.code}: ${error.message}`}`,
      status: response.status,
      code: error?.code ?? 'refused',
      // A nonce is random: seen twice only when the network sent the request twice. A new one gets through.
      retryable: isRetryableStatus(response.status) || error?.code === 'nonce_reused',
      retryAfterMs,
      details: error?.details,
    });
  }
}

/**
 * The body of a verified answer as its schema says.
 * @throws HubCallError `unverified`, retryable: a body that cannot be read is not treated as the hub's word
 */
export function parseAnswer<Schema extends z.ZodType>(answer: HubAnswer, schema: Schema): z.output<Schema> {
  const parsed = parseSafely(schema, answer.body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new HubCallError({
    failure: 'unverified',
    message: `the hub's answer does not fit the protocol at ${issue?.path.join('.') ?? '?'}: ${issue?.message ?? ''}`,
    status: answer.status,
    code: 'invalid_answer',
    retryable: true,
  });
}

/** Like `safeParse`, also for a value that is nested so deeply that the schema cannot follow it. */
function parseSafely<Schema extends z.ZodType>(
  schema: Schema,
  value: unknown,
): { success: true; data: z.output<Schema> } | { success: false; error: z.ZodError } {
  try {
    return schema.safeParse(value);
  } catch (error) {
    const message = error instanceof RangeError ? 'it is nested too deeply' : describeError(error);
    return { success: false, error: new ZodError([{ code: 'custom', path: [], message, input: undefined }]) };
  }
}

/** What the body of a refusal says; null when it is none. */
function readRefusal(body: unknown): z.output<typeof hubErrorBody>['error'] | null {
  const parsed = parseSafely(hubErrorBody, body);
  return parsed.success ? parsed.data.error : null;
}

function parseJson(body: Buffer): unknown {
  if (body.byteLength === 0) return null;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function isSigned(response: HttpResponse, secret: string, requestNonce: string): boolean {
  const timestamp = Number(response.headers[HEADER.timestamp.toLowerCase()]);
  const nonce = response.headers[HEADER.nonce.toLowerCase()] ?? '';
  const signature = response.headers[HEADER.signature.toLowerCase()] ?? '';
  if (!Number.isSafeInteger(timestamp) || !isNonce(nonce)) return false;
  // The request's nonce is random and new, so an answer that signs it cannot be old: its timestamp needs no check here.
  return verifyResponse(
    secret,
    { timestamp, nonce, status: response.status, requestNonce, body: response.body },
    signature,
  );
}
