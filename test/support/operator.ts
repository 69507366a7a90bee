import { createHash } from 'node:crypto';

/** A job as the operator reads it back; only what is checked here. */
export interface SeenJob {
  id: string;
  status: string;
  attempts?: number;
  result?: { outcome: string; blobs: { name: string; sha256: string; sizeBytes: number }[]; error?: unknown } | null;
}

/** The operator's side of a hub over its HTTP API. */
export class Operator {
  readonly #url: string;
  readonly #key: string;

  constructor(url: string, key: string) {
    this.#url = url;
    this.#key = key;
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${this.#key}`, ...(init.headers as Record<string, string>) };
    return fetch(`${this.#url}${path}`, { ...init, headers, signal: AbortSignal.timeout(20_000) });
  }

  /** Tries until the hub, which may be down just now, answers. */
  async json(path: string, init: RequestInit = {}): Promise<unknown> {
    for (;;) {
      try {
        const response = await this.#call(path, init);
        if (response.ok) return await response.json();
        if (response.status < 500 && response.status !== 429) {
          throw new Error(`${path}: ${response.status} ${await response.text()}`);
        }
      } catch (error) {
        if (error instanceof Error && error.message.startsWith(path)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }

  /** Creates jobs; the idempotency key makes a repeat after a lost answer harmless. */
  async createJobs(jobs: unknown[], idempotencyKey: string): Promise<string[]> {
    const answer = (await this.json('/api/jobs', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
      body: JSON.stringify({ jobs }),
    })) as { jobs: { id: string }[] };
    return answer.jobs.map(({ id }) => id);
  }

  async job(id: string): Promise<SeenJob> {
    return (await this.json(`/api/jobs/${id}`)) as SeenJob;
  }

  /** Downloads a blob and compares it with its hash. */
  async blobMatches(jobId: string, name: string, sha256: string): Promise<boolean> {
    const response = await this.#call(`/api/jobs/${jobId}/blobs/${name}`);
    if (!response.ok) return false;
    const bytes = Buffer.from(await response.arrayBuffer());
    return createHash('sha256').update(bytes).digest('hex') === sha256;
  }
}
