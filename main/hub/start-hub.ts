import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describeError } from '../protocol/describe-error.ts';
import { AllowList } from '../protocol/network/allow-list.ts';
import { followCommits } from './follow-commits.ts';
import { keepHouse } from './housekeeping.ts';
import { completeLimits, HubStartError, type HubOptions } from './hub-options.ts';
import { createServices } from './hub-services.ts';
import { loadHubKey } from './secrets/hub-key.ts';
import { SecretBox } from './secrets/secret-box.ts';
import { buildServer } from './server/build-server.ts';
import { openStore, type Store } from './store/open-store.ts';

export { DEFAULT_LIMITS, HubStartError, type HubLimits, type HubOptions } from './hub-options.ts';

/** A hub that answers calls. */
export interface RunningHub {
  /** `http://host:port`, without a slash at the end. */
  readonly url: string;
  /** Answers held requests, ends event streams, lets calls under way finish and closes the database. */
  close(): Promise<void>;
  /**
   * Makes a worker with a shared secret known. Again with the same secret it changes nothing, also when the worker has
   * rotated it meanwhile; another secret replaces what the worker had and lifts a revocation.
   * @throws HubRefusal for an id or secret that does not fit
   */
  registerWorker(worker: { workerId: string; secret: string; label?: string }): void;
  /** A new one-time enrolment token. */
  createEnrolmentToken(): string;
}

/**
 * Starts a hub on a data folder.
 * @throws HubStartError with a reason for a person
 */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const limits = completeLimits(options.limits);
  if (options.operatorKey.length < 16 || /\s/.test(options.operatorKey)) {
    throw new HubStartError('The operator key must have at least 16 characters and no spaces.', {
      code: 'wrong_option',
    });
  }
  checkWebhookHosts(options.allowedWebhookHosts ?? []);
  mkdirSync(options.dataFolder, { recursive: true, mode: 0o700 });
  const store = openStore(join(options.dataFolder, 'hub.sqlite'));
  const closing = new AbortController();
  try {
    const box = openSecretBox(options, store);
    const services = createServices(options, { limits, store, box, closing: closing.signal });
    services.metrics.watch({
      jobCounts: () => services.jobs.counts(),
      waitingAgents: () => services.waiting.count,
      oldestPendingAgeSeconds: () => {
        const createdAtMs = services.jobs.oldestPendingCreatedAtMs();
        return createdAtMs === null ? 0 : Math.max(0, (options.clock.nowMs() - createdAtMs) / 1_000);
      },
    });
    const server = await buildServer(services, {
      operatorKey: options.operatorKey,
      trustProxy: options.trustProxy ?? false,
    });
    await listen(() => server.listen({ host: options.host, port: options.port }), options);
    const stopFollowing = followCommits(services);
    const house = keepHouse(services, closing.signal);
    const url = urlOf(options.host, server.server.address() as AddressInfo);
    options.log.info('hub started', { url, dataFolder: options.dataFolder });

    let closed: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      closing.abort();
      services.waiting.close();
      const finished = new AbortController();
      void options.clock.sleep(CLOSE_WITHIN_MS, finished.signal).then(() => {
        if (!finished.signal.aborted) server.server.closeAllConnections();
        return undefined;
      });
      await server.close();
      finished.abort();
      stopFollowing();
      services.events.close();
      await services.webhooks.close();
      await house;
      services.workers.storeAllLastSeen();
      services.nonces.close();
      store.close();
      options.log.info('hub stopped', { url });
    };
    return {
      url,
      close: () => (closed ??= close()),
      registerWorker: (worker) => void services.workers.ensure(worker),
      createEnrolmentToken: () => services.enrolment.createToken().token,
    };
  } catch (error) {
    closing.abort();
    store.close();
    throw error;
  }
}

/** Calls under way get this long when the hub closes; then their connections are cut. */
const CLOSE_WITHIN_MS = 5_000;

const KEY_CHECK = 'hub_key_check';

/** The box that opens what this database has sealed; a first start makes the key. */
function openSecretBox(options: HubOptions, store: Store): SecretBox {
  const check = store
    .prepare<[string], { value: Buffer }>('SELECT value FROM settings WHERE name = ?')
    .get(KEY_CHECK)?.value;
  const key = loadHubKey({
    given: options.hubKey,
    file: join(options.dataFolder, 'hub.key'),
    mayCreate: check === undefined,
  });
  const box = new SecretBox(key);
  if (check === undefined) {
    store.prepare('INSERT INTO settings VALUES (?, ?)').run(KEY_CHECK, box.seal(KEY_CHECK, KEY_CHECK));
    return box;
  }
  try {
    box.open(check, KEY_CHECK);
  } catch (error) {
    throw new HubStartError('The hub key is not the one that the stored worker secrets were sealed with.', {
      cause: error,
    });
  }
  return box;
}

async function listen(start: () => Promise<unknown>, options: HubOptions): Promise<void> {
  try {
    await start();
  } catch (error) {
    throw new HubStartError(`The hub cannot listen on ${options.host}:${options.port}: ${describeError(error)}`, {
      code: 'cannot_listen',
      cause: error,
    });
  }
}

function urlOf(host: string, address: AddressInfo): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${address.port}`;
}

/** @throws HubStartError naming the entry that cannot be read */
function checkWebhookHosts(entries: readonly string[]): void {
  try {
    void new AllowList(entries);
  } catch (error) {
    throw new HubStartError(`--allowed-webhook-hosts: ${describeError(error)}`, { code: 'wrong_option', cause: error });
  }
}
