import { Alarm } from './alarm.ts';
import type { HubServices } from './hub-services.ts';

/**
 * Lets the consequences of each commit happen: events, waiting agents, webhooks, and the alarms for the next lease to
 * expire and the next scheduled job.
 * @returns what stops it
 */
export function followCommits(services: HubServices): () => void {
  const { transactions, events, metrics, waiting, webhooks, keeper, jobs, clock, limits } = services;

  const scheduleAlarm = new Alarm(clock, () => {
    if (jobs.makeReady(clock.nowMs()) > 0) waiting.workIsReady();
    scheduleAlarm.ringAt(jobs.nextScheduledAtMs());
  });
  const expiryAlarm = new Alarm(clock, (lateMs) => {
    // The hub itself was asleep, so that nobody could renew: not the agents' fault.
    if (lateMs > limits.leaseSeconds * 500) keeper.extendAll();
    const { expired, more } = keeper.expireDue();
    metrics.leasesExpired.inc(expired);
    expiryAlarm.ringAt(more ? clock.nowMs() : keeper.nextExpiryMs());
  });

  transactions.onCommit((announcements) => {
    for (const change of announcements.jobs) {
      events.publish('job', { ...change });
      if (change.status === 'processing') metrics.leasesGranted.inc();
      else if (change.status !== 'pending' && change.status !== 'deleted') {
        metrics.jobsFinished.inc({ type: change.type, outcome: change.status });
      }
    }
    // A renewal only moves expiries later: the alarm finds out by itself when it rings.
    if (announcements.leaseGranted) {
      const next = keeper.nextExpiryMs();
      if (next !== null) expiryAlarm.ringBy(next);
    }
    if (announcements.jobScheduled) scheduleAlarm.ringAt(jobs.nextScheduledAtMs());
    if (announcements.webhookDue) webhooks.deliverDue();
    for (const workerId of announcements.leaseLosers) waiting.leaseLost(workerId);
    if (announcements.workReady) waiting.workIsReady();
  });

  keeper.extendAll();
  jobs.makeReady(clock.nowMs());
  scheduleAlarm.ringAt(jobs.nextScheduledAtMs());
  expiryAlarm.ringAt(keeper.nextExpiryMs());
  webhooks.deliverDue();
  return () => {
    scheduleAlarm.close();
    expiryAlarm.close();
  };
}
