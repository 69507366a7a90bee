import { join } from 'node:path';
import { PayloadVault } from '../protocol/payload-vault.ts';
import type { Clock, Log } from '../protocol/ports.ts';
import type { TaskCatalogue } from '../protocol/task-type.ts';
import { Authenticator } from './agent-routes/authenticate.ts';
import { BlobFiles } from './blobs/blob-files.ts';
import { EventStream } from './event-stream.ts';
import type { HubLimits, HubOptions } from './hub-options.ts';
import { HubMetrics } from './metrics.ts';
import { HubRefusal } from './refusal.ts';
import type { SecretBox } from './secrets/secret-box.ts';
import { FailedAuthentications } from './server/failed-authentications.ts';
import { CommandStore } from './store/command-store.ts';
import { DiagnosticsStore } from './store/diagnostics-store.ts';
import { IdempotencyStore } from './store/idempotency-store.ts';
import { JobList } from './store/job-list.ts';
import { JobStore } from './store/job-store.ts';
import { LeaseStore } from './store/lease-store.ts';
import type { Store } from './store/open-store.ts';
import { ResultStore } from './store/result-store.ts';
import { SessionStore } from './store/session-store.ts';
import { TokenStore } from './store/token-store.ts';
import { WebhookStore } from './store/webhook-store.ts';
import { WorkerStore } from './store/worker-store.ts';
import { ReceiverAccess } from './webhooks/receiver-access.ts';
import { Webhooks } from './webhooks/webhooks.ts';
import { JobCreator } from './work/create-jobs.ts';
import { HandOut } from './work/hand-out.ts';
import { JobLifecycle } from './work/job-lifecycle.ts';
import { LeaseKeeper } from './work/lease-keeper.ts';
import { ResultRecorder } from './work/record-result.ts';
import { Transactions } from './work/transactions.ts';
import { WaitingAgents } from './work/waiting-agents.ts';
import { Enrolment } from './workers/enrolment.ts';
import { NonceMemory } from './workers/nonce-memory.ts';
import { Sessions } from './workers/sessions.ts';
import { WorkerDirectory, type Worker } from './workers/worker-directory.ts';

/** Everything that the routes and the housekeeping work with. */
export interface HubServices {
  readonly limits: HubLimits;
  readonly clock: Clock;
  readonly log: Log;
  readonly catalogue: TaskCatalogue;
  readonly minimumAgentVersion: string | undefined;
  readonly webhookSecret: string;
  /** Aborts when the hub begins to close. */
  readonly closing: AbortSignal;
  readonly transactions: Transactions;
  readonly jobs: JobStore;
  readonly jobList: JobList;
  readonly leases: LeaseStore;
  readonly results: ResultStore;
  readonly commands: CommandStore;
  readonly diagnostics: DiagnosticsStore;
  readonly idempotency: IdempotencyStore;
  readonly sessionStore: SessionStore;
  readonly tokens: TokenStore;
  readonly webhookStore: WebhookStore;
  readonly blobs: BlobFiles;
  readonly events: EventStream;
  readonly metrics: HubMetrics;
  readonly webhooks: Webhooks;
  readonly creator: JobCreator;
  readonly lifecycle: JobLifecycle;
  readonly keeper: LeaseKeeper;
  readonly recorder: ResultRecorder;
  readonly waiting: WaitingAgents;
  readonly workers: WorkerDirectory;
  readonly sessions: Sessions;
  readonly enrolment: Enrolment;
  readonly nonces: NonceMemory;
  readonly failures: FailedAuthentications;
  readonly authenticator: Authenticator;
  /** Whether the worker was heard of lately. */
  isOnline(worker: Worker): boolean;
  revoke(worker: Worker): void;
}

/** Puts the hub's parts together. */
export function createServices(
  options: HubOptions,
  parts: { limits: HubLimits; store: Store; box: SecretBox; closing: AbortSignal },
): HubServices {
  const { clock, log, catalogue } = options;
  const { limits, store, box, closing } = parts;
  const transactions = new Transactions(store);
  const metrics = new HubMetrics();
  const events = new EventStream(clock, limits.eventBufferSize);
  const jobs = new JobStore(store);
  const leases = new LeaseStore(store);
  const results = new ResultStore(store);
  const commands = new CommandStore(store);
  const webhookStore = new WebhookStore(store);
  const sessionStore = new SessionStore(store);
  const tokens = new TokenStore(store);
  const blobs = new BlobFiles({
    folder: join(options.dataFolder, 'blobs'),
    maxBlobBytes: limits.maxBlobBytes,
    clock,
  });
  const vault = new PayloadVault(box.derive('payloads v1'));
  const lifecycle = new JobLifecycle({ transactions, jobs, leases, webhooks: webhookStore, clock });
  const leaseMs = limits.leaseSeconds * 1_000;
  const keeper = new LeaseKeeper({ transactions, leases, jobs, lifecycle, events, clock, leaseMs });
  const handOut = new HandOut({ transactions, jobs, leases, vault, clock, catalogue, ...limits });
  const sessions = new Sessions(sessionStore, clock);
  const waiting = new WaitingAgents({ handOut, keeper, sessions, commands, clock, ...limits });
  const overlapMs = limits.secretOverlapSeconds * 1_000;
  const workers = new WorkerDirectory({ store: new WorkerStore(store), box, clock, overlapMs });
  const lifetimeMs = limits.enrolmentTokenSeconds * 1_000;
  const enrolment = new Enrolment({ store, tokens, workers, box, clock, lifetimeMs });
  const nonces = new NonceMemory(join(options.dataFolder, 'nonces'), Math.floor(clock.nowMs() / 1_000));
  const failures = new FailedAuthentications({
    clock,
    maxPerMinute: limits.failedAuthenticationsPerMinute,
    counted: () => metrics.failedAuthentications.inc(),
  });
  const webhookSecret = options.webhookSecret ?? box.derive('webhook v1');
  const onlineMs = Math.max(limits.maxWaitSeconds, limits.heartbeatSeconds) * 1_000 + 30_000;
  return {
    limits,
    clock,
    log,
    catalogue,
    minimumAgentVersion: options.minimumAgentVersion,
    webhookSecret,
    closing,
    transactions,
    jobs,
    jobList: new JobList(store),
    leases,
    results,
    commands,
    diagnostics: new DiagnosticsStore(store),
    idempotency: new IdempotencyStore(store),
    sessionStore,
    tokens,
    webhookStore,
    blobs,
    events,
    metrics,
    webhooks: new Webhooks({
      store: webhookStore,
      secret: webhookSecret,
      access: new ReceiverAccess(options.allowedWebhookHosts ?? [], clock),
      clock,
      random: Math.random,
      log,
      limits,
      counted: (outcome) => metrics.webhooks.inc({ outcome }),
    }),
    creator: new JobCreator({
      transactions,
      jobs,
      catalogue,
      vault,
      clock,
      counted: (type) => metrics.jobsCreated.inc({ type }),
    }),
    lifecycle,
    keeper,
    recorder: new ResultRecorder({ transactions, leases, results, lifecycle, keeper, blobs, clock }),
    waiting,
    workers,
    sessions,
    enrolment,
    nonces,
    failures,
    authenticator: new Authenticator({ workers, enrolment, nonces, failures, clock }),
    isOnline: (worker) =>
      waiting.isWaiting(worker.id) || (worker.lastSeenMs !== null && clock.nowMs() - worker.lastSeenMs < onlineMs),
    revoke: (worker) => {
      workers.revoke(worker);
      keeper.dropAll(worker.id);
      const session = sessions.current(worker.id);
      if (session !== undefined) sessions.end(session, 'revoked');
      waiting.refuse(worker.id, new HubRefusal('revoked_worker', 'The worker was revoked.'));
      events.publish('worker', { workerId: worker.id, state: 'revoked' });
    },
  };
}
