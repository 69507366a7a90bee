import { describeError } from '../../protocol/describe-error.ts';
import type { Clock, Log, Random } from '../../protocol/ports.ts';
import { Alarm } from '../alarm.ts';
import type { WebhookRow, WebhookStore } from '../store/webhook-store.ts';
import { signWebhook, WEBHOOK_HEADER } from './webhook-signature.ts';

const AT_ONCE = 4;
const LONGEST_RETRY_MS = 3_600_000;

/** Delivers the recorded webhooks, with retries that go on after a restart. */
export class Webhooks {
  readonly #store: WebhookStore;
  readonly #secret: string;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #limits: { webhookAttempts: number; webhookTimeoutMs: number; webhookRetryBaseMs: number };
  readonly #counted: (outcome: 'delivered' | 'retried' | 'given_up') => void;
  readonly #alarm: Alarm;
  readonly #closed = new AbortController();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: {
    store: WebhookStore;
    secret: string;
    clock: Clock;
    random: Random;
    log: Log;
    limits: { webhookAttempts: number; webhookTimeoutMs: number; webhookRetryBaseMs: number };
    counted: (outcome: 'delivered' | 'retried' | 'given_up') => void;
  }) {
    this.#store = options.store;
    this.#secret = options.secret;
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
    const due = this.#store.due(this.#clock.nowMs(), AT_ONCE + this.#underWay.size);
    for (const webhook of due) {
      if (this.#underWay.size >= AT_ONCE) return;
      if (this.#underWay.has(webhook.id)) continue;
      const delivery = this.#deliver(webhook).finally(() => {
        this.#underWay.delete(webhook.id);
        this.deliverDue();
      });
      this.#underWay.set(webhook.id, delivery);
    }
    if (this.#underWay.size === 0) this.#alarm.ringAt(this.#store.nextAttemptAtMs());
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#alarm.close();
    await Promise.all(this.#underWay.values());
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
    const isLast = attempts >= this.#limits.webhookAttempts;
    const ceilingMs = Math.min(this.#limits.webhookRetryBaseMs * 2 ** webhook.attempts, LONGEST_RETRY_MS);
    const delayMs = Math.ceil(ceilingMs * (0.5 + this.#random() / 2));
    this.#store.failed(webhook.id, problem, isLast ? null : this.#clock.nowMs() + delayMs);
    this.#counted(isLast ? 'given_up' : 'retried');
    this.#log.warn(isLast ? 'webhook given up' : 'webhook failed', {
      webhookId: webhook.id,
      jobId: webhook.job_id,
      attempts,
      problem,
    });
  }

  /** @returns what went wrong, or null */
  async #send(webhook: WebhookRow): Promise<string | null> {
    const timestamp = Math.floor(this.#clock.nowMs() / 1_000);
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: {
          'Content-Type': 'application/json',
          [WEBHOOK_HEADER.id]: webhook.id,
          [WEBHOOK_HEADER.timestamp]: String(timestamp),
          [WEBHOOK_HEADER.signature]: signWebhook(this.#secret, timestamp, webhook.body),
        },
        body: webhook.body,
        redirect: 'manual',
        signal: AbortSignal.any([this.#closed.signal, AbortSignal.timeout(this.#limits.webhookTimeoutMs)]),
      });
      await response.body?.cancel();
      return response.ok ? null : `The receiver answered with status ${response.status}.`;
    } catch (error) {
      return describeError(error instanceof Error && error.cause !== undefined ? error.cause : error);
    }
  }
}
