import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { describeError } from '../../protocol/describe-error.ts';
import type { JsonObject } from '../../protocol/fields.ts';
import type { Log } from '../../protocol/ports.ts';
import { errorBody, HubRefusal } from '../refusal.ts';

interface Answer {
  status: number;
  code: string;
  message: string;
  details?: JsonObject | undefined;
  retryAfterSeconds?: number | undefined;
}

/** Turns whatever a route throws into a status and a body of the protocol's form; faults of the hub are logged. */
export function createErrorHandler(
  log: Log,
): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => FastifyReply {
  return (error, request, reply) => {
    const answer = answerTo(error);
    if (answer.status >= 500) {
      log.error('request failed', {
        method: request.method,
        route: request.routeOptions.url ?? 'unknown',
        problem: describeError(error),
        stack: error.stack,
      });
    }
    if (answer.retryAfterSeconds !== undefined) void reply.header('Retry-After', answer.retryAfterSeconds);
    return reply.code(answer.status).send(errorBody(answer.code, answer.message, answer.details));
  };
}

/** Answers what cannot even be read as HTTP, in the protocol's form all the same, and closes the connection. */
export function answerBrokenRequest(error: { code: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = brokenRequest(error.code);
  const body = JSON.stringify(errorBody(codeOfStatus(status), message));
  socket.write(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
  socket.destroySoon();
}

function brokenRequest(code: string): [status: number, message: string] {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return [431, 'The headers are too large.'];
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return [408, 'The request did not arrive in time.'];
    default:
      return [400, 'The request is not HTTP.'];
  }
}

function answerTo(error: FastifyError): Answer {
  if (error instanceof HubRefusal) {
    return {
      status: error.status,
      code: error.code,
      message: error.message,
      details: error.details,
      retryAfterSeconds: error.retryAfterSeconds,
    };
  }
  if (hasZodFastifySchemaValidationErrors(error)) {
    const issues = error.validation.slice(0, 20).map((issue) => ({
      path: issue.instancePath.slice(1).replaceAll('/', '.'),
      message: issue.message ?? 'does not fit',
    }));
    return badRequest(issues);
  }
  if (isDiskFull(error)) {
    return { status: 503, code: 'unavailable', message: 'The hub’s disk is full.', retryAfterSeconds: 30 };
  }
  const status = error.statusCode ?? 500;
  if (status >= 500) return { status: 500, code: 'internal', message: 'The hub failed. Its log says more.' };
  return { status, code: codeOfStatus(status), message: error.message };
}

/** The answer to input with these faults; each path is that of a field, such as `jobs.3.payload.url`. */
function badRequest(issues: { path: string; message: string }[]): Answer {
  return { status: 400, code: 'bad_request', message: describeIssues(issues), details: { issues } };
}

/** @returns a refusal for input with these faults */
export function refuseInput(issues: { path: string; message: string }[]): HubRefusal {
  return new HubRefusal('bad_request', describeIssues(issues), { issues });
}

function describeIssues(issues: { path: string; message: string }[]): string {
  return issues.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)).join('; ');
}

function codeOfStatus(status: number): string {
  switch (status) {
    case 404:
      return 'not_found';
    case 413:
    case 414:
    case 431:
      return 'too_large';
    case 415:
      return 'unsupported_media_type';
    case 429:
      return 'rate_limited';
    default:
      return 'bad_request';
  }
}

function isDiskFull(error: Error & { code?: string }): boolean {
  return error.code === 'ENOSPC' || error.code === 'SQLITE_FULL';
}
