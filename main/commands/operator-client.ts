import { z } from 'zod';
import { describeError } from '../protocol/describe-error.ts';
import { hubErrorBody } from '../protocol/hub-errors.ts';
import { CommandError } from './command-error.ts';

export interface OperatorAccess {
  /** Base address of the hub, without a slash at its end. */
  hubUrl: string;
  /** The operator's bearer key. */
  key: string;
}

const TIMEOUT_MS = 30_000;

/** Calls of a hub's operator API, with its refusals as ends of a command. */
export class OperatorClient {
  readonly #access: OperatorAccess;

  constructor(access: OperatorAccess) {
    this.#access = access;
  }

  /**
   * One call with a JSON answer that fits the schema.
   * @throws CommandError `hubUnreachable`, `hubRefused`
   */
  async json<Schema extends z.ZodType>(
    method: 'GET' | 'POST',
    path: string,
    schema: Schema,
    options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ): Promise<z.output<Schema>> {
    const response = await this.#send(method, path, options);
    let answer: unknown;
    try {
      answer = await response.json();
    } catch {
      throw new CommandError('hubRefused', `${this.#access.hubUrl} does not answer as a Legwork hub does.`);
    }
    const parsed = schema.safeParse(answer);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const place = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
    throw new CommandError('hubRefused', `The hub's answer to ${method} ${path} is not understood${place}.`);
  }

  /** A call whose answer is bytes. @throws CommandError */
  async bytes(path: string, signal?: AbortSignal): Promise<Uint8Array> {
    const response = await this.#send('GET', path, { signal });
    try {
      return new Uint8Array(await response.arrayBuffer());
    } catch (error) {
      throw this.#unreachable(error);
    }
  }

  /** An answer that goes on: server-sent events. @throws CommandError */
  stream(path: string, signal: AbortSignal): Promise<Response> {
    return this.#send('GET', path, { signal, isStream: true });
  }

  async #send(
    method: string,
    path: string,
    options: { body?: unknown; headers?: Record<string, string>; signal?: AbortSignal; isStream?: boolean },
  ): Promise<Response> {
    const signals = [
      ...(options.signal === undefined ? [] : [options.signal]),
      ...(options.isStream === true ? [] : [AbortSignal.timeout(TIMEOUT_MS)]),
    ];
    let response: Response;
    try {
      response = await fetch(`${this.#access.hubUrl}${path}`, {
        method,
        redirect: 'manual',
        signal: AbortSignal.any(signals),
        headers: {
          Authorization: `Bearer ${this.#access.key}`,
          ...(options.body === undefined ? {} : { 'Content-Type': 'application/json' }),
          ...options.headers,
        },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
      });
    } catch (error) {
      if (options.signal?.aborted === true) throw error;
      throw this.#unreachable(error);
    }
    if (response.ok) return response;
    throw await this.#refusal(response, `${method} ${path}`);
  }

  #unreachable(error: unknown): CommandError {
    // `fetch failed` says nothing; the cause does.
    const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
    return new CommandError(
      'hubUnreachable',
      `The hub ${this.#access.hubUrl} does not answer: ${describeError(cause)}.`,
      { cause: error },
    );
  }

  async #refusal(response: Response, call: string): Promise<CommandError> {
    const refusal = hubErrorBody.safeParse(await response.json().catch(() => null));
    if (!refusal.success) {
      return new CommandError('hubRefused', `${this.#access.hubUrl} answers ${call} with status ${response.status}.`);
    }
    const { code, message, details } = refusal.data.error;
    if (code === 'unauthorized') {
      return new CommandError(
        'hubRefused',
        'The hub does not accept the operator key (--key or LEGWORK_OPERATOR_KEY).',
      );
    }
    const issues = issuesOf(details).filter((issue) => !message.includes(issue));
    return new CommandError('hubRefused', [`The hub refuses (${code}): ${message}`, ...issues].join('\n  '));
  }
}

const inputIssue = z.object({ path: z.string(), message: z.string() });

/** The wrong fields that a `bad_request` names, as a person reads them; what has another form is left out. */
function issuesOf(details: unknown): string[] {
  const parsed = z.object({ issues: z.array(z.unknown()) }).safeParse(details);
  if (!parsed.success) return [];
  return parsed.data.issues.slice(0, 10).flatMap((issue) => {
    if (typeof issue === 'string') return [issue];
    const known = inputIssue.safeParse(issue);
    return known.success ? [`${known.data.path}: ${known.data.message}`] : [];
  });
}
