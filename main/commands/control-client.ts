import { request as requestHttp } from 'node:http';
import { z } from 'zod';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import type { CallDefinition } from '../agent/control-api/call-definitions.ts';
import { CONTROL_KEY_FILE, readControlSecret } from '../agent/control-api/control-keys.ts';
import { errorAnswer } from '../agent/control-api/messages.ts';
import { describeError } from '../protocol/describe-error.ts';
import { createNonce, HEADER, signRequest, verifyResponse } from '../protocol/signature.ts';
import { CommandError } from './command-error.ts';

/** Longer than the agent gives a request to arrive; a clean-up of a long history may take some seconds. */
const TIMEOUT_MS = 30_000;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** How to switch the control API on, for messages. */
export const CONTROL_API_OFF =
  'The agent\'s control API is off. Switch it on with LEGWORK_CONTROL_PORT=4818 (or "controlPort": 4818 in ' +
  'config.json) for the agent and for this command, and start the agent again.';

interface RawAnswer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

/** Calls the control API of this machine's agent. */
export class ControlClient {
  readonly #port: number;
  readonly #key: string;

  constructor(port: number, key: string) {
    this.#port = port;
    this.#key = key;
  }

  /**
   * One signed call; its answer is verified and parsed.
   * @throws CommandError `agentUnreachable` when nobody, or somebody else, answers; `usage` when the agent refuses the
   *   input; `failure` for other refusals
   */
  async call<Body extends z.ZodType, Answer extends z.ZodType>(
    { method, path, answer }: CallDefinition<Body, Answer>,
    body: z.input<Body>,
  ): Promise<z.output<Answer>> {
    const sent = Buffer.from(body === undefined ? '' : JSON.stringify(body));
    const timestamp = Math.floor(Date.now() / 1_000);
    const nonce = createNonce();
    const signature = signRequest(this.#key, { timestamp, nonce, method, pathAndQuery: path, body: sent });
    const raw = await this.#send(method, path, sent, {
      [HEADER.timestamp]: String(timestamp),
      [HEADER.nonce]: nonce,
      [HEADER.signature]: signature,
    });
    const isSigned = this.#isSigned(raw, nonce);
    const value = parse(raw.body);
    if (raw.status !== 200) throw refusal(value, isSigned);
    if (!isSigned) {
      throw new CommandError(
        'agentUnreachable',
        `Something else than this data folder's agent answers on port ${this.#port}.`,
      );
    }
    const parsed = answer.safeParse(value);
    if (!parsed.success) {
      throw new CommandError('failure', 'The agent answered in another form than this version of Legwork knows.');
    }
    return parsed.data;
  }

  #isSigned({ status, headers, body }: RawAnswer, requestNonce: string): boolean {
    const header = (name: string): string => {
      const value = headers[name.toLowerCase()];
      return typeof value === 'string' ? value : '';
    };
    const parts = {
      timestamp: Number(header(HEADER.timestamp)),
      nonce: header(HEADER.nonce),
      status,
      requestNonce,
      body,
    };
    return verifyResponse(this.#key, parts, header(HEADER.signature));
  }

  #send(method: string, path: string, body: Buffer, headers: Record<string, string>): Promise<RawAnswer> {
    return new Promise((resolve, reject) => {
      const unreachable = (error: unknown): void => {
        const message = `The agent does not answer on port ${this.#port} (${describeError(error)}). Does it run, with its control API on?`;
        reject(new CommandError('agentUnreachable', message, { cause: error }));
      };
      const request = requestHttp(
        {
          host: '127.0.0.1',
          port: this.#port,
          method,
          path,
          agent: false,
          signal: AbortSignal.timeout(TIMEOUT_MS),
          headers: { ...headers, 'Content-Type': 'application/json', 'Content-Length': body.byteLength },
        },
        (response) => {
          const chunks: Buffer[] = [];
          let bytes = 0;
          response.on('data', (chunk: Buffer) => {
            bytes += chunk.length;
            if (bytes > MAX_ANSWER_BYTES) request.destroy(new Error('the answer is too large'));
            else chunks.push(chunk);
          });
          response.on('error', unreachable);
          response.on('end', () => {
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
          });
        },
      );
      request.on('error', unreachable);
      request.end(body);
    });
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return null;
  }
}

function refusal(value: unknown, isSigned: boolean): CommandError {
  const parsed = errorAnswer.safeParse(value);
  if (!parsed.success) return new CommandError('agentUnreachable', 'Something that is no agent of Legwork answers.');
  const { code, message, details } = parsed.data.error;
  if (!isSigned && code === 'bad_signature') {
    return new CommandError(
      'agentUnreachable',
      'The agent that answers is that of another data folder: its key is another.',
    );
  }
  const issues = z
    .object({ issues: z.array(z.object({ path: z.string(), message: z.string() })) })
    .safeParse(details).data;
  const lines = (issues?.issues ?? []).map((issue) => `${issue.path}: ${issue.message}`);
  return new CommandError(code === 'bad_request' ? 'usage' : 'failure', [message, ...lines].join(' '));
}

/**
 * The client of the agent whose configuration this is; null when its control API is off.
 * @throws CommandError `agentUnreachable` when the agent has not made its key yet
 */
export async function openControlClient(config: AgentConfig): Promise<ControlClient | null> {
  const { controlPort, dataFolder } = config;
  if (controlPort === 0) return null;
  const key = await readControlSecret(dataFolder, CONTROL_KEY_FILE);
  if (key === null) {
    const message = `There is no usable key of a control API in ${dataFolder}: no agent has run there with it switched on.`;
    throw new CommandError('agentUnreachable', message);
  }
  return new ControlClient(controlPort, key);
}

/** The same for commands that cannot do without. @throws CommandError `configuration` when the API is off */
export async function requireControlClient(config: AgentConfig): Promise<ControlClient> {
  const client = await openControlClient(config);
  if (client === null) throw new CommandError('configuration', CONTROL_API_OFF);
  return client;
}
