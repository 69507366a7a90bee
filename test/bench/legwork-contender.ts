import type { Contender, Round } from './contender.ts';
import { type LegworkStack, type LegworkStackOptions, startLegworkStack } from './legwork-stack.ts';
import { descendantsCpuSeconds, ownCpuSeconds } from './process-figures.ts';
import { websiteHtmlPayload } from './workload.ts';

/** The whole path: jobs created at the hub as one batch; a page counts when the hub has recorded its result. */
export class LegworkContender implements Contender {
  readonly name: string;
  readonly #stack: LegworkStack;

  private constructor(name: string, stack: LegworkStack) {
    this.name = name;
    this.#stack = stack;
  }

  static async start(name: string, options: LegworkStackOptions): Promise<LegworkContender> {
    return new LegworkContender(name, await startLegworkStack(options));
  }

  async round(urls: readonly string[], firstRequestMs: () => number): Promise<Round> {
    const { operator } = this.#stack;
    const before = this.#cpuSeconds();
    const { jobIds } = await operator.createJobs(urls.map(websiteHtmlPayload));
    const finishedAtMs = await this.#stack.waitForJobs(jobIds);
    const after = this.#cpuSeconds();
    const blobs = (await Promise.all(jobIds.map((id) => operator.result(id)))).flatMap((result) => result.blobs);
    const bytesOf = (type: string): number =>
      blobs.filter(({ contentType }) => contentType.startsWith(type)).reduce((sum, blob) => sum + blob.sizeBytes, 0);
    return {
      pages: jobIds.length,
      durationMs: finishedAtMs - firstRequestMs(),
      htmlBytes: bytesOf('text/html'),
      screenshotBytes: bytesOf('image/jpeg'),
      cpuSeconds: Object.fromEntries(
        Object.entries(after).map(([part, seconds]) => [part, seconds - (before[part] ?? 0)]),
      ),
    };
  }

  stop(): Promise<void> {
    return this.#stack.stop();
  }

  #cpuSeconds(): Record<string, number> {
    const taskHostId = this.#stack.taskHostProcessId();
    return {
      agent: ownCpuSeconds(this.#stack.agentProcessId),
      'task host': ownCpuSeconds(taskHostId),
      hub: ownCpuSeconds(this.#stack.hubProcessId),
      chromium: descendantsCpuSeconds(taskHostId),
    };
  }
}
