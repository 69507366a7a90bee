import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { ErrorCode } from '../../../main/protocol/error-table.ts';
import { brokenInvariants } from './invariants.ts';
import { leasedTask, openStore, taskErrorOf, type Store } from './queue-fixture.ts';

const LEASES = ['lease-0', 'lease-1', 'lease-2'] as const;
const ERRORS: ErrorCode[] = ['page_timeout', 'url_refused', 'shutdown', 'cancelled_by_host'];

/** `which` picks a lease, or one of all attempts there have ever been: late messages of old attempts are the point. */
const step = fc.record({
  kind: fc.constantFrom(
    'enqueue',
    'refuse_leased',
    'claim',
    'claim',
    'complete',
    'fail',
    'cancel',
    'lose_lease',
    'give_back',
    'requeue',
    'restart',
    'reset_stuck',
    'deliver',
    'refuse_result',
    'try',
    'withdraw',
    'advance',
  ),
  which: fc.nat(100),
});

/** The state of each result in the outbox by its lease. */
function outboxStates({ database }: Store): Map<string, string> {
  const rows = database
    .prepare<[], { leaseId: string; state: string }>('SELECT leaseId, state FROM outbox JOIN tasks ON id = taskId')
    .all();
  return new Map(rows.map(({ leaseId, state }) => [leaseId, state]));
}

function ends({ database }: Store): Map<string, { status: string; finishedAtMs: number }> {
  const rows = database
    .prepare<[], { leaseId: string; status: string; finishedAtMs: number }>(
      'SELECT leaseId, status, finishedAtMs FROM tasks WHERE finishedAtMs IS NOT NULL',
    )
    .all();
  return new Map(rows.map(({ leaseId, ...end }) => [leaseId, end]));
}

it('any sequence of ends, late messages and restarts leaves each lease with one end that stays', () => {
  const store = openStore();
  const { database, queue, clock } = store;
  database.pragma('synchronous = OFF');
  fc.assert(
    fc.property(fc.array(step, { minLength: 5, maxLength: 50 }), (steps) => {
      database.exec('DELETE FROM tasks');
      const attemptIds: string[] = [];
      const confirmed = new Map<string, number>();
      let { epoch } = queue.beginEpoch();
      for (const { kind, which } of steps) {
        const leaseId = LEASES[which % LEASES.length] ?? LEASES[0];
        const attemptId = attemptIds[which % Math.max(1, attemptIds.length)] ?? 'none';
        const error = taskErrorOf(ERRORS[which % ERRORS.length] ?? 'internal');
        const taskId = database
          .prepare<[string], string>('SELECT id FROM tasks WHERE leaseId = ?')
          .pluck()
          .get(leaseId);
        const due = queue.dueResults(10);
        const chosen = due[which % Math.max(1, due.length)];
        const statesBefore = outboxStates(store);
        const endsBefore = ends(store);
        switch (kind) {
          case 'enqueue':
            queue.enqueue(leasedTask(leaseId));
            break;
          case 'refuse_leased':
            queue.refuseLeased(leasedTask(leaseId), taskErrorOf('unknown_type'));
            break;
          case 'claim':
            attemptIds.push(...queue.claim({ lane: 'page', limit: 1, epoch }).map((claimed) => claimed.attemptId));
            break;
          case 'complete':
            queue.complete({ attemptId, result: { attemptId }, blobs: [] });
            break;
          case 'fail':
            queue.fail({ attemptId, error });
            break;
          case 'cancel':
            queue.cancel(taskId ?? 'none', taskErrorOf('cancelled_by_host'));
            break;
          case 'lose_lease':
            queue.loseLease(leaseId, taskErrorOf('lease_lost'));
            break;
          case 'give_back':
            queue.giveBack([leaseId], taskErrorOf('shutdown'));
            break;
          case 'requeue':
            queue.requeueUncounted(attemptId);
            break;
          case 'restart':
            ({ epoch } = queue.beginEpoch());
            break;
          case 'reset_stuck':
            queue.resetStuck({ thresholdMs: 60_000, epoch, running: new Set() });
            break;
          case 'deliver':
            if (queue.markDelivered(chosen?.attemptId ?? 'none') && chosen !== undefined) {
              confirmed.set(chosen.leaseId, (confirmed.get(chosen.leaseId) ?? 0) + 1);
            }
            break;
          case 'refuse_result':
            queue.markRefused(chosen?.attemptId ?? 'none', 'lease_lost', '');
            break;
          case 'try':
            queue.recordDeliveryTry(chosen?.attemptId ?? attemptId, 'no connection');
            break;
          case 'withdraw':
            queue.withdrawResult(chosen?.attemptId ?? attemptId, taskErrorOf('blob_missing'));
            break;
          case 'advance':
            clock.advance(which * 5_000);
            break;
        }
        expect(brokenInvariants(database)).toEqual([]);
        const statesNow = outboxStates(store);
        for (const [lease, state] of statesBefore) {
          if (state !== 'waiting') expect(statesNow.get(lease)).toBe(state);
          else expect(statesNow.has(lease)).toBe(true);
        }
        const endsNow = ends(store);
        for (const [lease, end] of endsBefore) {
          const withdrawn = kind === 'withdraw' && end.status === 'completed';
          expect(endsNow.get(lease)).toEqual(withdrawn ? { ...end, status: endsNow.get(lease)?.status } : end);
        }
      }
      for (const count of confirmed.values()) expect(count).toBe(1);
    }),
    { numRuns: 150 },
  );
});

it('every lease that is executed to its end comes out of the outbox exactly once, through restarts', () => {
  const { database, queue, clock } = openStore();
  database.pragma('synchronous = OFF');
  fc.assert(
    fc.property(
      fc.array(fc.constantFrom('complete', 'fail', 'crash', 'interrupt', 'none'), { minLength: 1, maxLength: 30 }),
      (fates) => {
        database.exec('DELETE FROM tasks');
        for (const leaseId of LEASES) queue.enqueue(leasedTask(leaseId));
        const delivered: string[] = [];
        let { epoch } = queue.beginEpoch();
        for (const fate of [...fates, ...Array<'fail'>(20).fill('fail')]) {
          clock.advance(300_000);
          const [claimed] = queue.claim({ lane: 'page', limit: 1, epoch });
          if (claimed !== undefined) {
            const { attemptId } = claimed;
            if (fate === 'complete') queue.complete({ attemptId, result: {}, blobs: [] });
            if (fate === 'fail') queue.fail({ attemptId, error: taskErrorOf('page_timeout') });
            if (fate === 'interrupt') queue.requeueUncounted(attemptId);
            if (fate === 'crash') ({ epoch } = queue.beginEpoch());
          }
          queue.resetStuck({ thresholdMs: 600_000, epoch, running: new Set() });
          for (const due of queue.dueResults(10)) {
            delivered.push(due.leaseId);
            queue.markDelivered(due.attemptId);
          }
        }
        expect(delivered.sort()).toEqual([...LEASES]);
        expect(queue.heldLeases()).toEqual([]);
      },
    ),
    { numRuns: 60 },
  );
});
