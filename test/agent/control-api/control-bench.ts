import { connect, type Socket } from 'node:net';
import { request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import { expect } from 'vitest';
import { Gauge, Registry } from 'prom-client';
import { z } from 'zod';
import type { ControlCall } from '../../../main/agent/control-api/calls.ts';
import { CONTROL_ERRORS } from '../../../main/agent/control-api/control-errors.ts';
import { ControlServer } from '../../../main/agent/control-api/control-server.ts';
import { errorAnswer } from '../../../main/agent/control-api/messages.ts';
import { LegworkError } from '../../../main/protocol/error-table.ts';
import { createNonce, signRequest, verifyResponse } from '../../../main/protocol/signature.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';
import { RecordingLog } from '../../fakes/silent-log.ts';

export const KEY = 'a'.repeat(64);
export const TOKEN = 'b'.repeat(64);

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  code: string | undefined;
  isSigned: boolean;
}

export interface CallOptions {
  method?: string;
  path?: string;
  body?: string | Buffer;
  headers?: Record<string, string>;
  key?: string;
  timestamp?: number;
  nonce?: string;
  /** What is signed, where that is not what is sent. */
  signed?: { method?: string; path?: string; body?: string };
}

const sayBody = z.strictObject({ word: z.string().max(10) }).optional();

/** A control server with one call, `POST /internal/say`, and a caller that signs as it is told. */
export class ControlBench {
  readonly clock = new ManualClock(Date.now());
  readonly log = new RecordingLog();
  /** The bodies of calls that were carried out. */
  readonly carriedOut: unknown[] = [];
  readonly server: ControlServer;
  port = 0;

  /** @param requestTimeoutMs how long a request may take to arrive; by default longer than any test */
  constructor(requestTimeoutMs = 60_000) {
    const registry = new Registry();
    registry.registerMetric(
      new Gauge({
        name: 'legwork_agent_answer',
        help: 'x',
        registers: [],
        collect() {
          this.set(42);
        },
      }),
    );
    this.server = new ControlServer({
      calls: [this.#say()],
      key: KEY,
      metrics: { registry, token: TOKEN },
      clock: this.clock,
      log: this.log,
      requestTimeoutMs,
    });
  }

  async open(): Promise<void> {
    this.port = await this.server.listen(0);
  }

  #say(): ControlCall {
    return {
      method: 'POST',
      path: '/internal/say',
      summary: '',
      body: sayBody,
      answer: z.object({ said: z.string() }),
      carryOut: (given) => {
        this.carriedOut.push(given);
        const word = sayBody.parse(given)?.word ?? '';
        if (word === 'crash') throw new Error(`secret of ${import.meta.filename}`);
        if (word === 'full') throw new LegworkError('disk_full');
        if (word === 'wrong') throw new LegworkError('invalid_payload', 'payload.url: is wrong');
        return { said: word === 'odd' ? 42 : word };
      },
    };
  }

  #signedHeaders(options: CallOptions): Record<string, string> {
    const { method = 'POST', path = '/internal/say', body: sent = '' } = options;
    const timestamp = options.timestamp ?? Math.floor(this.clock.nowMs() / 1_000);
    const nonce = options.nonce ?? createNonce();
    const parts = {
      timestamp,
      nonce,
      method: options.signed?.method ?? method,
      pathAndQuery: options.signed?.path ?? path,
      body: Buffer.from(options.signed?.body ?? sent),
    };
    return {
      'X-Timestamp': String(timestamp),
      'X-Nonce': nonce,
      'X-Signature': signRequest(options.key ?? KEY, parts),
      ...options.headers,
    };
  }

  call(options: CallOptions = {}): Promise<Answer> {
    const { method = 'POST', path = '/internal/say', body: sent = '' } = options;
    const headers = this.#signedHeaders(options);
    return new Promise((resolve, reject) => {
      const target = { host: '127.0.0.1', port: this.port, method, path, agent: false, headers };
      const request = requestHttp(target, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () => {
          const body = Buffer.concat(chunks);
          const parts = {
            timestamp: Number(response.headers['x-timestamp']),
            nonce: String(response.headers['x-nonce']),
            status: response.statusCode ?? 0,
            requestNonce: headers['X-Nonce'] ?? '',
            body,
          };
          const isSigned = verifyResponse(KEY, parts, String(response.headers['x-signature']));
          const text = body.toString();
          const error = text.startsWith('{') ? errorAnswer.safeParse(JSON.parse(text)).data?.error : undefined;
          resolve({ status: parts.status, headers: response.headers, body, code: error?.code, isSigned });
        });
      });
      request.on('error', reject);
      request.end(sent);
    });
  }

  /** Sends bytes as they are and reads until the end. */
  sendRaw(text: string, more: (socket: Socket) => void = () => undefined): Promise<string> {
    return new Promise((resolve) => {
      let received = '';
      const socket = connect({ host: '127.0.0.1', port: this.port }, () => {
        socket.write(text);
        more(socket);
      });
      socket.setEncoding('latin1').on('data', (chunk: string) => {
        received += chunk;
      });
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(received));
    });
  }

  /** That a call was refused so, says nothing of the program, and harms no other. */
  async expectRefusal(answer: Answer, code: keyof typeof CONTROL_ERRORS, isSigned: boolean): Promise<void> {
    expect([answer.code, answer.status, answer.isSigned]).toEqual([code, CONTROL_ERRORS[code].status, isSigned]);
    expect(answer.body.toString()).not.toMatch(/\.ts|\bat /);
    expect((await this.call({ body: '{"word":"next"}' })).status).toBe(200);
  }
}
