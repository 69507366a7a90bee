import { get, type IncomingMessage } from 'node:http';
import { z } from 'zod';
import { jobView, resultView, type ResultView } from '../../main/hub/job-view.ts';
import { monotonicMs } from './monotonic.ts';

const createdBatch = z.object({ jobs: z.array(z.object({ id: z.string() })) });
const jobChange = z.object({ jobId: z.string(), status: z.string(), errorCode: z.string().nullable() });
const workers = z.object({ workers: z.array(z.object({ workerId: z.string(), waiting: z.boolean() })) });
const stats = z.object({ byStatus: z.record(z.string(), z.number()) });

const FINAL = new Set(['completed', 'failed', 'cancelled']);

/** The operator's side of a hub: creates jobs, and follows their ends by server-sent events. */
export class Operator {
  readonly #hubUrl: string;
  readonly #headers: Record<string, string>;
  readonly #closing = new AbortController();
  /** Status and time (monotonic ms) of the jobs whose end was told. */
  readonly #ended = new Map<string, { status: string; atMs: number; errorCode: string | null }>();
  #onEnd: () => void = () => undefined;

  constructor(hubUrl: string, operatorKey: string) {
    this.#hubUrl = hubUrl;
    this.#headers = { Authorization: `Bearer ${operatorKey}` };
  }

  /** Creates `website_html` jobs as one batch; `answeredAtMs` (monotonic) is when the hub's answer had arrived. */
  async createJobs(payloads: readonly Record<string, unknown>[]): Promise<{ jobIds: string[]; answeredAtMs: number }> {
    const body = { jobs: payloads.map((payload) => ({ type: 'website_html', payload })) };
    const answer = await this.#call('POST', '/api/jobs', body);
    const answeredAtMs = monotonicMs();
    return { jobIds: createdBatch.parse(answer).jobs.map(({ id }) => id), answeredAtMs };
  }

  /** Waits until the hub has recorded all of them; returns when the last one was (monotonic ms). @throws Error when one did not complete */
  async waitForJobs(jobIds: readonly string[], assertRunning: () => void): Promise<number> {
    const check = setInterval(() => this.#onEnd(), 1_000);
    try {
      return await new Promise((resolve, reject) => {
        this.#onEnd = () => {
          try {
            assertRunning();
          } catch (error) {
            reject(error);
          }
          const ends = jobIds.map((id) => this.#ended.get(id)).filter((end) => end !== undefined);
          const failed = ends.find((end) => end.status !== 'completed');
          if (failed !== undefined) reject(new Error(`A job ended as ${failed.status}: ${failed.errorCode ?? '?'}`));
          if (ends.length < jobIds.length) return;
          for (const id of jobIds) this.#ended.delete(id);
          resolve(Math.max(...ends.map(({ atMs }) => atMs)));
        };
        this.#onEnd();
      });
    } finally {
      clearInterval(check);
      this.#onEnd = () => undefined;
    }
  }

  async registerWorker(workerId: string, secret: string): Promise<void> {
    await this.#call('POST', '/api/workers', { workerId, secret });
  }

  /** Whether a worker asks for work right now. */
  async isWaiting(workerId: string): Promise<boolean> {
    const { workers: list } = workers.parse(await this.#call('GET', '/api/workers'));
    return list.some((worker) => worker.workerId === workerId && worker.waiting);
  }

  async completedCount(): Promise<number> {
    return stats.parse(await this.#call('GET', '/api/jobs/stats')).byStatus['completed'] ?? 0;
  }

  async result(jobId: string): Promise<ResultView> {
    return resultView.parse(await this.#call('GET', `/api/jobs/${jobId}/result`));
  }

  async attempts(jobId: string): Promise<number> {
    return jobView.parse(await this.#call('GET', `/api/jobs/${jobId}`)).attempts;
  }

  /** Starts to follow the hub's events; resolves when it does. */
  async follow(): Promise<void> {
    // A connection of its own, which ends with the stream: one that is kept for reuse would keep the hub from stopping.
    const options = { headers: this.#headers, agent: false, signal: this.#closing.signal };
    const request = get(`${this.#hubUrl}/api/events`, options);
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      request.once('response', resolve);
      request.once('error', reject);
    });
    if (answer.statusCode !== 200) throw new Error(`GET /api/events: ${answer.statusCode}`);
    void this.#read(answer).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) console.error(`The hub's events ended: ${String(error)}`);
    });
  }

  close(): void {
    this.#closing.abort();
  }

  async #read(stream: IncomingMessage): Promise<void> {
    let text = '';
    stream.setEncoding('utf8');
    for await (const chunk of stream) {
      text += String(chunk);
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      const atMs = monotonicMs();
      for (const event of events) if (event.includes('event: job\n')) this.#take(event, atMs);
      this.#onEnd();
    }
  }

  #take(event: string, atMs: number): void {
    const data = event.slice(event.indexOf('data: ') + 'data: '.length);
    const { jobId, status, errorCode } = jobChange.parse(JSON.parse(data));
    if (FINAL.has(status)) this.#ended.set(jobId, { status, atMs, errorCode });
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#hubUrl}${path}`, {
      method,
      headers: { ...this.#headers, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}
