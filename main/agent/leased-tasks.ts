import { LegworkError, type ErrorCode } from '../protocol/error-table.ts';
import type { GoodbyeRequest } from '../protocol/goodbye.ts';
import type { PayloadVault } from '../protocol/payload-vault.ts';
import type { Clock } from '../protocol/ports.ts';
import type { LeasedTask, LostLease } from '../protocol/request-work.ts';
import { taskErrorOf } from '../protocol/task-error.ts';
import type { TaskCatalogue } from '../protocol/task-type.ts';
import type { AgentEvent } from './agent-events.ts';
import type { Executor } from './executor/executor.ts';
import type { Queue } from './queue/queue.ts';
import type { NewTask } from './queue/task.ts';

/**
 * Leases that an agent holds at most, running, waiting and undelivered together. It asks for a fraction of this: a hub
 * that hands out more gets the rest back, since it would only fill the disk.
 */
export const MAX_HELD_LEASES = 1_000;

/** As much of a refused task's address as people need to recognise it. */
const SHOWN_URL_CHARACTERS = 2_000;

const LOST_LEASE_CODE: Readonly<Record<LostLease['reason'], ErrorCode>> = {
  cancelled: 'cancelled_by_operator',
  expired: 'lease_lost',
  superseded: 'lease_lost',
  unknown: 'lease_lost',
};

interface LeasedTasksOptions {
  queue: Queue;
  catalogue: TaskCatalogue;
  executor: Pick<Executor, 'wake' | 'abandon'>;
  vault: PayloadVault;
  clock: Clock;
  workerId: () => string;
  emit: (event: AgentEvent) => void;
  /** A task was refused: its outcome waits in the outbox. */
  onRefused: () => void;
  /** Leases that go back to the hub. */
  onGivenBack: (leases: GoodbyeRequest['returnedLeases']) => void;
}

/** Takes what a hub hands out into the queue, and lets go what it takes away. Nothing of it is trusted but its form. */
export class LeasedTasks {
  readonly #options: LeasedTasksOptions;

  constructor(options: LeasedTasksOptions) {
    this.#options = options;
  }

  /**
   * Puts leased tasks into the queue; those that cannot be carried out are refused, those beyond `MAX_HELD_LEASES` given
   * back.
   * @returns how many of them are new here and will be carried out
   */
  accept(tasks: readonly LeasedTask[]): number {
    const { queue, catalogue, executor, vault } = this.#options;
    const held = new Set(queue.heldLeases().map(({ leaseId }) => leaseId));
    const valid: NewTask[] = [];
    const ended: GoodbyeRequest['returnedLeases'] = [];
    for (const leased of tasks) {
      if (!held.has(leased.leaseId) && held.size >= MAX_HELD_LEASES) {
        ended.push({ leaseId: leased.leaseId, attemptsUsed: 0 });
        continue;
      }
      held.add(leased.leaseId);
      try {
        const payload = catalogue.parsePayload(leased.type, leased.payload);
        const { lane } = catalogue.get(leased.type);
        valid.push({ ...this.#newTask(leased), payload: vault.seal(payload), url: payload.url, lane });
      } catch (error) {
        // Its payload is not kept: it may be anything, of any size.
        queue.refuseLeased(this.#newTask(leased), taskErrorOf(error));
        this.#options.onRefused();
      }
    }
    const created = this.#enqueue(valid, ended);
    if (ended.length > 0) this.#options.onGivenBack(ended);
    executor.wake();
    return created;
  }

  #enqueue(valid: readonly NewTask[], ended: GoodbyeRequest['returnedLeases']): number {
    const { queue, emit } = this.#options;
    let created = 0;
    for (const { task, created: isNew } of queue.enqueueLeased(valid)) {
      if (isNew) {
        created += 1;
        emit({ kind: 'leased', taskId: task.id, type: task.type, url: task.url });
      } else if (task.status === 'cancelled' && task.leaseId !== null) {
        // Given back before, but the hub did not hear of it.
        ended.push({ leaseId: task.leaseId, attemptsUsed: task.attempts });
      }
    }
    return created;
  }

  /** Ends the tasks of leases that are this agent's no more. */
  lose(lost: readonly LostLease[]): void {
    const { queue, executor, emit } = this.#options;
    for (const { leaseId, reason } of lost) {
      const detail = reason === 'cancelled' ? '' : `The hub says: ${reason}.`;
      const error = taskErrorOf(new LegworkError(LOST_LEASE_CODE[reason], detail));
      const stopped = queue.loseLease(leaseId, error);
      if (stopped === null) continue;
      executor.abandon(stopped.taskId, error);
      emit({ kind: 'ended', taskId: stopped.taskId, error });
    }
  }

  /** A task without its payload. */
  #newTask(leased: LeasedTask): NewTask {
    const url = leased.payload['url'];
    return {
      type: leased.type,
      url: typeof url === 'string' ? url.slice(0, SHOWN_URL_CHARACTERS) : '',
      payload: {},
      lane: 'page',
      priority: leased.priority,
      maxAttempts: leased.maxAttempts,
      origin: 'hub',
      workerId: this.#options.workerId(),
      jobId: leased.jobId,
      leaseId: leased.leaseId,
      leaseExpiresAtMs: this.#options.clock.nowMs() + leased.leaseSeconds * 1_000,
    };
  }
}
