import type http from 'node:http';

/** A page that means harm, and what a task that visits it may come to. */
export interface HostilePage {
  /** Its path without the slash. */
  readonly name: string;
  /** HTML, or a handler for itself and everything below it. */
  readonly answer: string | ((request: http.IncomingMessage, response: http.ServerResponse) => void);
  /** `completed`, or a code of the error table; each of these is a defined end. */
  readonly ends: readonly string[];
  /** Fields of the payload beside the address. */
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** A page with a script in its body. */
export function scripted(code: string): string {
  return `<!doctype html><title>hostile</title><body><p>hostile<script>${code}</script>`;
}
