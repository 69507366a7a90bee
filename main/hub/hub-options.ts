import type { Clock, Log } from '../protocol/ports.ts';
import type { TaskCatalogue } from '../protocol/task-type.ts';

/** Everything that bounds a hub: times, sizes and rates. Each has a default; see `DEFAULT_LIMITS`. */
export interface HubLimits {
  /** How long a lease lasts without renewal. */
  leaseSeconds: number;
  /** How often agents are asked to renew: at most half of a lease; by default a third of it, 10 s at most. */
  heartbeatSeconds: number;
  /** Longest that a request for work is held open. */
  maxWaitSeconds: number;
  maxTasksPerRequest: number;
  /** Largest blob, uncompressed. */
  maxBlobBytes: number;
  /** Largest body of one PUT of a blob. */
  maxBlobChunkBytes: number;
  /** Most bytes of blobs, uncompressed, that a result may carry itself; 0: none. */
  maxInlineBlobBytes: number;
  /** Largest JSON body of an agent's call. */
  maxMessageBytes: number;
  /** Largest body of an operator's call: a batch of jobs has to fit. */
  maxOperatorBodyBytes: number;
  /** How long the old secret still works after the first use of a new one. */
  secretOverlapSeconds: number;
  enrolmentTokenSeconds: number;
  /** Per network address. */
  agentRequestsPerMinute: number;
  /** Per network address. */
  operatorRequestsPerMinute: number;
  /** Per network address and claimed name; the next wrong ones are answered with 429 until the minute is over. */
  failedAuthenticationsPerMinute: number;
  /** Events that a reconnecting reader of `/api/events` can catch up on. */
  eventBufferSize: number;
  eventHeartbeatMs: number;
  /** Attempts at one webhook before it is given up. */
  webhookAttempts: number;
  webhookTimeoutMs: number;
  /** The first retry comes within this time; it doubles with each, up to an hour. */
  webhookRetryBaseMs: number;
  /** Unreferenced and unfinished blobs are deleted when nobody has touched them for this long. */
  blobGarbageAgeMs: number;
  /** Jobs that ended longer ago are deleted with their results; null: they stay until an operator deletes them. */
  keepEndedJobsMs: number | null;
}

/** The limits of a hub that was told nothing else. */
export const DEFAULT_LIMITS: HubLimits = {
  leaseSeconds: 60,
  heartbeatSeconds: 10,
  maxWaitSeconds: 50,
  maxTasksPerRequest: 100,
  maxBlobBytes: 256 * 1024 * 1024,
  maxBlobChunkBytes: 4 * 1024 * 1024,
  // In Base64 it stays below what nginx lets through by default, 1 MB.
  maxInlineBlobBytes: 512 * 1024,
  maxMessageBytes: 8 * 1024 * 1024,
  maxOperatorBodyBytes: 32 * 1024 * 1024,
  secretOverlapSeconds: 86_400,
  enrolmentTokenSeconds: 86_400,
  agentRequestsPerMinute: 60_000,
  operatorRequestsPerMinute: 12_000,
  failedAuthenticationsPerMinute: 120,
  eventBufferSize: 5_000,
  eventHeartbeatMs: 15_000,
  webhookAttempts: 12,
  webhookTimeoutMs: 10_000,
  webhookRetryBaseMs: 5_000,
  blobGarbageAgeMs: 86_400_000,
  keepEndedJobsMs: null,
};

export interface HubOptions {
  /** Created when it is not there; holds the database, the blobs and the hub key. One hub at a time. */
  dataFolder: string;
  host: string;
  /** 0 takes any free port. */
  port: number;
  /** What operators send as `Authorization: Bearer …`; at least 16 characters. */
  operatorKey: string;
  /** 64 hex digits that seal worker secrets at rest; without it a key file is made in the data folder. */
  hubKey?: string | undefined;
  /** Signs webhooks; without it one is derived from the hub key. */
  webhookSecret?: string | undefined;
  /**
   * Receivers of webhooks that are opened although they are not public hosts on a web site's port, as entries of an
   * allow list: `127.0.0.1:8000`, `*.intranet.example`, `*:9000`. Default: none.
   */
  allowedWebhookHosts?: readonly string[] | undefined;
  /**
   * Whether one reverse proxy stands before the hub, so that clients are told apart by the address that it appends to
   * `X-Forwarded-For`. Without such a proxy clients could choose their address themselves. Default: false.
   */
  trustProxy?: boolean | undefined;
  /** Agents older than this are refused, such as `0.2.0`. */
  minimumAgentVersion?: string | undefined;
  catalogue: TaskCatalogue;
  log: Log;
  clock: Clock;
  limits?: Partial<HubLimits> | undefined;
}

/**
 * - `wrong_option`: an option of the start is not allowed.
 * - `database_refused`: the database is damaged, of a newer version or not a hub's; it was left as it was.
 * - `already_running`: another hub works with the same database.
 * - `cannot_listen`: the address cannot be listened on; the cause is the system's error.
 * - `failed`: anything else.
 */
export type HubStartErrorCode = 'wrong_option' | 'database_refused' | 'already_running' | 'cannot_listen' | 'failed';

/**
 * The given limits with defaults for the rest. When only the length of a lease is given, the time between heartbeats
 * follows from it.
 * @throws HubStartError when leases would end before agents had two chances to renew them
 */
export function completeLimits(given: Partial<HubLimits> = {}): HubLimits {
  const { leaseSeconds = DEFAULT_LIMITS.leaseSeconds } = given;
  const heartbeatSeconds =
    given.heartbeatSeconds ?? Math.min(DEFAULT_LIMITS.heartbeatSeconds, Math.max(1, Math.floor(leaseSeconds / 3)));
  if (heartbeatSeconds * 2 > leaseSeconds) {
    throw new HubStartError(
      `Agents that renew every ${heartbeatSeconds} s would lose their leases, which last ${leaseSeconds} s: ` +
        'the time between heartbeats must be at most half of a lease.',
      { code: 'wrong_option' },
    );
  }
  return { ...DEFAULT_LIMITS, ...given, leaseSeconds, heartbeatSeconds };
}

/** A reason why the hub cannot start, for a person; it needs no stack trace. */
export class HubStartError extends Error {
  readonly code: HubStartErrorCode;

  constructor(message: string, options: { cause?: unknown; code?: HubStartErrorCode } = {}) {
    super(message, { cause: options.cause });
    this.name = 'HubStartError';
    this.code = options.code ?? 'failed';
  }
}
