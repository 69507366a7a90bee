import { describeError } from '../protocol/describe-error.ts';
import { collectBlobGarbage } from './blobs/blob-garbage.ts';
import type { HubServices } from './hub-services.ts';
import { removeEndedJobs } from './work/remove-ended-jobs.ts';

const EVERY_MS = 60_000;
/** The rare part runs once in so many rounds, and in the first. */
const RARE_ROUNDS = 60;
const DAY_MS = 86_400_000;

/**
 * Forgets what is over: nonces, tokens, sessions, old answers, jobs that are kept no longer, and blobs that nothing names.
 * Ends with the signal.
 */
export async function keepHouse(services: HubServices, signal: AbortSignal): Promise<void> {
  for (let round = 0; !signal.aborted; round += 1) {
    try {
      cleanOften(services);
      if (round % RARE_ROUNDS === 0) await cleanRarely(services, signal);
    } catch (error) {
      services.log.error('housekeeping failed', { problem: describeError(error) });
    }
    await services.clock.sleep(EVERY_MS, signal);
  }
}

function cleanOften(services: HubServices): void {
  services.nonces.forget(Math.floor(services.clock.nowMs() / 1_000));
  services.workers.storeAllLastSeen();
}

async function cleanRarely(services: HubServices, signal: AbortSignal): Promise<void> {
  const nowMs = services.clock.nowMs();
  services.idempotency.prune(nowMs - DAY_MS);
  services.tokens.prune(nowMs - 7 * DAY_MS);
  services.sessionStore.prune(nowMs - 7 * DAY_MS);
  services.webhookStore.prune(nowMs - 7 * DAY_MS);
  const { keepEndedJobsMs } = services.limits;
  if (keepEndedJobsMs !== null) {
    const removed = await removeEndedJobs({ ...services, endedBeforeMs: nowMs - keepEndedJobsMs, signal });
    if (removed > 0) services.log.info('old jobs deleted', { removed });
  }
  const deleted = await collectBlobGarbage({
    blobs: services.blobs,
    olderThanMs: nowMs - services.limits.blobGarbageAgeMs,
    isReferenced: (sha256) => services.results.isReferenced(sha256),
  });
  if (deleted > 0) services.log.info('unused blobs deleted', { deleted });
}
