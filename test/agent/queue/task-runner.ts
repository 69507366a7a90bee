import { writeSync } from 'node:fs';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { Queue } from '../../../main/agent/queue/queue.ts';
import { systemClock } from '../../../main/protocol/ports.ts';

/**
 * `node task-runner.ts <database> <name>`: enqueues, claims and ends tasks until it is killed. Each end is said on
 * standard output after the store has confirmed it: `completed <attempt>`, `failed <attempt>`.
 */
const [file = '', name = ''] = process.argv.slice(2);
const queue = new Queue({ database: openDatabase(file), clock: systemClock, random: () => 0 });
const { epoch } = queue.beginEpoch();
const say = (text: string): number => writeSync(1, `${text}\n`);
say(`started ${epoch}`);

for (let round = 0; ; round += 1) {
  const leaseId = `${name}-${epoch}-${round}`;
  const url = `https://example.org/${leaseId}`;
  queue.enqueue({
    type: 'website_html',
    url,
    payload: { url },
    lane: 'page',
    origin: 'hub',
    jobId: `job-${leaseId}`,
    leaseId,
  });
  for (const { attemptId } of queue.claim({ lane: 'page', limit: 3, epoch })) {
    queue.recordProgress([{ attemptId, percent: 50, stage: 'loading' }]);
    if (round % 5 === 4) {
      const decision = queue.fail({ attemptId, error: { code: 'url_refused', class: 'policy', message: 'No.' } });
      if (decision.kind === 'final') say(`failed ${attemptId}`);
    } else {
      const blobs = ['a', 'b', 'c'].map((digit) => ({
        name: `${digit}.html`,
        sha256: digit.repeat(64),
        sizeBytes: 10,
        contentType: 'text/html',
      }));
      const completed = queue.complete({ attemptId, result: { text: 'x'.repeat(3_000) }, blobs });
      if (completed) say(`completed ${attemptId}`);
    }
  }
}
