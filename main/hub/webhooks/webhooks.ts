import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log, Random } from '../../protocol/ports.ts';
import { Alarm } from '../alarm.ts';
import type { WebhookRow, WebhookStore } from '../store/webhook-store.ts';
import { postWebhook } from './post-webhook.ts';
import type { ReceiverAccess } from './receiver-access.ts';
import { signWebhook, WEBHOOK_HEADER } from './webhook-signature.ts';

const AT_ONCE = 64;
/** One receiver that is slow to answer must not hold the others up. */
const AT_ONCE_TO_ONE_RECEIVER = 4;
const LONGEST_RETRY_MS = 3_600_000;

/** Delivers the recorded webhooks, with retries that go on after a restart. */
export class Webhooks {
  readonly #store: WebhookStore;
  readonly #secret: string;
  readonly #access: ReceiverAccess;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #limits: { webhookAttempts: number; webhookTimeoutMs: number; webhookRetryBaseMs: number };
  readonly #counted: (outcome: 'delivered' | 'retried' | 'given_up') => void;
  readonly #alarm: Alarm;
  readonly #closed = new AbortController();
  /** By id of the webhook. */
  readonly #underWay = new Map<string, { receiver: string; delivery: Promise<void> }>();

  constructor(options: {
    store: WebhookStore;
    secret: string;
    access: ReceiverAccess;
    clock: Clock;
    random: Random;
    log: Log;
    limits: { webhookAttempts: number; webhookTimeoutMs: number; webhookRetryBaseMs: number };
    counted: (outcome: 'delivered' | 'retried' | 'given_up') => void;
  }) {
    this.#store = options.store;
    this.#secret = options.secret;
    this.#access = options.access;
    this.#clock = options.clock;
    this.#random = options.random;
    this.#log = options.log;
    this.#limits = options.limits;
    this.#counted = options.counted;
    this.#alarm = new Alarm(options.clock, () => this.deliverDue());
  }

  /** Starts what is due, as far as there is room; the rest follows by itself. */
  deliverDue(): void {
    if (this.#closed.signal.aborted) return;
    const nowMs = this.#clock.nowMs();
    for (;;) {
      const started = this.#startSome(nowMs);
      if (started === 0) break;
    }
    // What is due and did not start waits for a delivery under way to end.
    this.#alarm.ringAt(this.#store.nextAttemptAtMs(nowMs));
  }

  /** @returns how many; with none there is nothing due or no room */
  #startSome(nowMs: number): number {
    const room = AT_ONCE - this.#underWay.size;
    if (room <= 0) return 0;
    const perReceiver = new Map<string, number>();
    for (const { receiver } of this.#underWay.values()) {
      perReceiver.set(receiver, (perReceiver.get(receiver) ?? 0) + 1);
    }
    const busy = [...perReceiver].filter(([, count]) => count >= AT_ONCE_TO_ONE_RECEIVER).map(([receiver]) => receiver);
    let started = 0;
    for (const webhook of this.#store.due(nowMs, busy, AT_ONCE)) {
      const count = perReceiver.get(webhook.receiver) ?? 0;
      if (started >= room) break;
      if (this.#underWay.has(webhook.id) || count >= AT_ONCE_TO_ONE_RECEIVER) continue;
      perReceiver.set(webhook.receiver, count + 1);
      this.#start(webhook);
      started += 1;
    }
    return started;
  }

  #start(webhook: WebhookRow): void {
    const delivery = this.#deliver(webhook).finally(() => {
      this.#underWay.delete(webhook.id);
      this.deliverDue();
    });
    this.#underWay.set(webhook.id, { receiver: webhook.receiver, delivery });
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#alarm.close();
    await Promise.all([...this.#underWay.values()].map(({ delivery }) => delivery));
  }

  async #deliver(webhook: WebhookRow): Promise<void> {
    const problem = await this.#send(webhook);
    if (this.#closed.signal.aborted && problem !== null) return;
    if (problem === null) {
      this.#store.delivered(webhook.id, this.#clock.nowMs());
      this.#counted('delivered');
      return;
    }
    const attempts = webhook.attempts + 1;
    const isLast = problem.isFinal || attempts >= this.#limits.webhookAttempts;
    const ceilingMs = Math.min(this.#limits.webhookRetryBaseMs * 2 ** webhook.attempts, LONGEST_RETRY_MS);
    const delayMs = Math.ceil(ceilingMs * (0.5 + this.#random() / 2));
    this.#store.failed(webhook.id, problem.text, isLast ? null : this.#clock.nowMs() + delayMs);
    this.#counted(isLast ? 'given_up' : 'retried');
    this.#log.warn(isLast ? 'webhook given up' : 'webhook failed', {
      webhookId: webhook.id,
      jobId: webhook.job_id,
      attempts,
      problem: problem.text,
    });
  }

  /** @returns what went wrong, and whether another try would come to the same; or null */
  async #send(webhook: WebhookRow): Promise<{ text: string; isFinal: boolean } | null> {
    const url = new URL(webhook.url);
    const verdict = await this.#access.judge(url);
    if (verdict.kind !== 'allowed') return { text: verdict.problem, isFinal: verdict.kind === 'refused' };
    const timestamp = Math.floor(this.#clock.nowMs() / 1_000);
    const timeout = AbortSignal.timeout(this.#limits.webhookTimeoutMs);
    try {
      const status = await postWebhook({
        url,
        addresses: verdict.addresses,
        headers: {
          'Content-Type': 'application/json',
          [WEBHOOK_HEADER.id]: webhook.id,
          [WEBHOOK_HEADER.timestamp]: String(timestamp),
          [WEBHOOK_HEADER.signature]: signWebhook(this.#secret, timestamp, webhook.body),
        },
        body: webhook.body,
        signal: AbortSignal.any([this.#closed.signal, timeout]),
      });
      const isTaken = status >= 200 && status <= 299;
      return isTaken ? null : { text: `The receiver answered with status ${status}.`, isFinal: false };
    } catch (error) {
      const text = timeout.aborted ? 'The receiver did not answer in time.' : describeError(error);
      return { text, isFinal: false };
    }
  }
}
