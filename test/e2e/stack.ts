import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killProcessesUsing, listProcesses } from '../../main/agent/process-tree.ts';
import { freePort } from '../support/free-port.ts';
import { startLegwork, type LegworkProgram } from '../support/legwork-program.ts';
import { Operator } from '../support/operator.ts';

export const OPERATOR_KEY = 'operator-key-for-the-end-to-end-tests';
export const WORKER_ID = 'worker-of-the-tests';
export const WORKER_SECRET = 'secret-of-the-worker-of-the-tests-0123456789';

/** Bounds what is waited for: several programs and browsers start in a test, on a machine that may do much else. */
export const PROGRAMS_TIMEOUT_MS = 180_000;

/** Hub, agents and a site as their users run them: each a process of its own, in one temporary folder. */
export class Stack {
  readonly folder = mkdtempSync(join(tmpdir(), 'legwork-e2e-'));
  hubUrl = '';
  #hubPort = 0;
  #programs: LegworkProgram[] = [];
  readonly #site: http.Server;
  /** Paths that the site was asked for, in order. */
  readonly visited: string[] = [];
  #held: (() => void)[] = [];

  constructor() {
    this.#site = http.createServer((request, response) => {
      const path = request.url ?? '/';
      this.visited.push(path);
      if (path.startsWith('/hang')) {
        response.writeHead(200, { 'Content-Type': 'text/html' });
        response.write('<!doctype html><title>hangs</title>');
        return;
      }
      const answer = (): void => {
        response.writeHead(200, {
          'Content-Type': 'text/html; charset=utf-8',
          'Set-Cookie': 'site=cookie-of-the-site',
        });
        response.end(`<!doctype html><title>${path}</title><p>${path}</p>`);
      };
      // `/held` takes until it is let go.
      if (path.startsWith('/held')) {
        this.#held.push(answer);
        return;
      }
      // `/wait/2000` takes two seconds.
      setTimeout(answer, Number(/^\/wait\/(\d+)/.exec(path)?.[1] ?? 0));
    });
    this.#site.listen(0, '127.0.0.1');
  }

  get siteUrl(): string {
    return `http://127.0.0.1:${(this.#site.address() as AddressInfo).port}`;
  }

  get operator(): Operator {
    return new Operator(this.hubUrl, OPERATOR_KEY);
  }

  get hubFolder(): string {
    return join(this.folder, 'hub');
  }

  agentFolder(name = 'agent'): string {
    return join(this.folder, name);
  }

  /** Starts the hub, after a stop on the same port again. */
  async startHub(args: string[] = []): Promise<LegworkProgram> {
    if (this.#hubPort === 0) this.#hubPort = await freePort();
    const hub = this.#keep(
      startLegwork(['hub', '--data', this.hubFolder, '--port', String(this.#hubPort), '--json', ...args], {
        LEGWORK_OPERATOR_KEY: OPERATOR_KEY,
        WORKER_ID,
        LOCALBROWSER_SECRET: WORKER_SECRET,
      }),
    );
    const [, url] = await hub.line(/"url":"(http:\/\/[^":]+:\d+)/);
    this.hubUrl = url ?? '';
    return hub;
  }

  /** Starts an agent; wait for what it prints. */
  startAgent(options: { name?: string; environment?: Record<string, string>; args?: string[] } = {}): LegworkProgram {
    const folder = this.agentFolder(options.name);
    return this.#keep(
      startLegwork(['agent', '--data', folder, '--hub', this.hubUrl, '--json', ...(options.args ?? [])], {
        WORKER_ID,
        LOCALBROWSER_SECRET: WORKER_SECRET,
        MAX_CONCURRENT_TASKS: '2',
        ...options.environment,
      }),
    );
  }

  async enqueue(...payloads: Record<string, unknown>[]): Promise<string[]> {
    return this.enqueueJobs(payloads.map((payload) => ({ type: 'website_html', payload })));
  }

  async enqueueJobs(jobs: Record<string, unknown>[]): Promise<string[]> {
    return this.operator.createJobs(jobs, `key-${Math.random()}`);
  }

  async jobEnds(id: string): Promise<string> {
    for (;;) {
      const { status } = await this.operator.job(id);
      if (status === 'completed' || status === 'failed' || status === 'cancelled') return status;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async visits(path: string): Promise<void> {
    while (!this.visited.includes(path)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  /** Answers the pages below `/held` that were asked for. */
  letGo(): void {
    for (const answer of this.#held.splice(0)) answer();
  }

  /** Command lines of processes that still work in the folder. */
  processesIn(folder: string): string[] {
    return listProcesses()
      .filter(({ commandLine }) => commandLine.includes(folder))
      .map(({ commandLine }) => commandLine.slice(0, 150));
  }

  async close(): Promise<void> {
    for (const { child } of this.#programs) child.kill('SIGKILL');
    await Promise.all(this.#programs.map(({ exited }) => exited));
    killProcessesUsing(this.folder);
    this.#site.closeAllConnections();
    await new Promise((resolve) => this.#site.close(resolve));
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  #keep(program: LegworkProgram): LegworkProgram {
    this.#programs.push(program);
    return program;
  }
}
