import { randomUUID } from 'node:crypto';
import type { JsonObject } from '../../protocol/fields.ts';
import { requestWorkResponse, type RequestWorkRequest, type RequestWorkResponse } from '../../protocol/request-work.ts';
import { HubCallError } from './hub-call-error.ts';
import { parseAnswer } from './hub-client.ts';
import { WakeableSleep } from '../wakeable-sleep.ts';
import type { HubLink } from './hub-link.ts';

/** What may be asked for now. */
export interface WorkWish {
  capacity: RequestWorkRequest['capacity'];
  types: string[];
  heldLeases: string[];
  power: RequestWorkRequest['power'];
}

/** After an answer with tasks, wait this long for room before listening without capacity. */
const ROOM_WAIT_MS = 1_000;
/** Least time between two requests that bring nothing. */
const MIN_INTERVAL_MS = 1_000;
/** So many answers without new tasks may follow one another at once: several commands, leases that are lost one by one. */
const MAX_QUICK_ANSWERS = 5;
/** Beyond the hub's wait, an answer may take this long. */
const ANSWER_MARGIN_MS = 20_000;

function isEmpty(capacity: WorkWish['capacity']): boolean {
  return capacity.page + capacity.exclusive === 0;
}

/** Whether an open poll asks for what is not wanted any more, or not for a lane in which there is room now. Pure. */
export function mustReplace(open: WorkWish['capacity'], wish: WorkWish['capacity']): boolean {
  if (isEmpty(wish)) return !isEmpty(open);
  return (open.page === 0 && wish.page > 0) || (open.exclusive === 0 && wish.exclusive > 0);
}

/**
 * The long poll: one request-work is always open, so that a new job starts without delay and a cancel is heard at once.
 * When there is no room it listens with capacity 0; when room comes, that poll is given up for one that asks.
 */
export class WorkLoop {
  readonly #link: HubLink;
  readonly #wish: () => WorkWish;
  readonly #waitSeconds: number;
  #open: { capacity: WorkWish['capacity']; abort: AbortController } | null = null;
  readonly #roomWait: WakeableSleep;

  constructor(options: { link: HubLink; wish: () => WorkWish; waitSeconds: number }) {
    this.#link = options.link;
    this.#wish = options.wish;
    this.#waitSeconds = options.waitSeconds;
    this.#roomWait = new WakeableSleep(options.link.clock);
  }

  /** What may be asked for has changed; the open poll is replaced where it asks for too little or too much. */
  wishChanged(): void {
    const wish = this.#wish();
    if (!isEmpty(wish.capacity)) this.#roomWait.wake();
    const open = this.#open;
    if (open !== null && mustReplace(open.capacity, wish.capacity)) open.abort.abort();
  }

  /** Gives the open poll up and asks anew, in a new session if the old one was dropped. */
  askAnew(): void {
    this.#roomWait.wake();
    this.#open?.abort.abort();
  }

  /** Runs until the signal aborts or the link ends. */
  async run(signal: AbortSignal): Promise<void> {
    let idempotencyKey = randomUUID() as string;
    let quickAnswers = 0;
    while (!signal.aborted) {
      const session = await this.#link.ensureSession(signal);
      if (session === null) return;
      const wish = this.#wish();
      const acknowledgedCommands = this.#link.acknowledgements();
      const abort = new AbortController();
      const giveUp = (): void => abort.abort();
      signal.addEventListener('abort', giveUp, { once: true });
      this.#open = { capacity: wish.capacity, abort };
      try {
        const isProbe = this.#link.gate.failing;
        const waitSeconds = isProbe ? 0 : Math.min(this.#waitSeconds, session.maxWaitSeconds);
        const askedAtMs = this.#link.clock.monotonicMs();
        const message: JsonObject = {
          sessionId: session.sessionId,
          idempotencyKey,
          ...wish,
          waitSeconds,
          acknowledgedCommands,
        };
        const answer = await this.#link.call(async () => this.#ask(message, waitSeconds, abort.signal), signal);
        idempotencyKey = randomUUID();
        this.#link.confirmed(acknowledgedCommands);
        const tookMs = this.#link.clock.monotonicMs() - askedAtMs;
        const created = answer === null ? 0 : this.#take(answer);
        quickAnswers = created === 0 && tookMs < MIN_INTERVAL_MS ? quickAnswers + 1 : 0;
        if (answer !== null && answer.tasks.length > 0) {
          // A hub that hands out only what is known here has not heard of something yet: no use in asking at once.
          if (created === 0 || isEmpty(this.#wish().capacity)) await this.#roomWait.sleep(ROOM_WAIT_MS, signal);
        } else if (!isProbe && tookMs < MIN_INTERVAL_MS && (answer === null || quickAnswers > MAX_QUICK_ANSWERS)) {
          // A hub that does not hold requests is asked once a second; it would otherwise be asked without a pause.
          await this.#roomWait.sleep(MIN_INTERVAL_MS - tookMs, signal);
        }
      } catch (error) {
        if (error instanceof HubCallError && error.failure === 'aborted') idempotencyKey = randomUUID();
        else await this.#link.failed(error, signal, session);
      } finally {
        this.#open = null;
        signal.removeEventListener('abort', giveUp);
      }
    }
  }

  /** @returns how many tasks of the answer are new here */
  #take({ tasks, lostLeases, commands }: RequestWorkResponse): number {
    const { listener } = this.#link;
    this.#link.takeCommands(commands);
    if (lostLeases.length > 0) listener.onLostLeases(lostLeases);
    return tasks.length === 0 ? 0 : listener.onTasks(tasks);
  }

  async #ask(message: JsonObject, waitSeconds: number, signal: AbortSignal): Promise<RequestWorkResponse | null> {
    const answer = await this.#link.client.call(
      'POST',
      '/internal/request-work',
      Buffer.from(JSON.stringify(message)),
      'application/json',
      { signal, timeoutMs: waitSeconds * 1_000 + ANSWER_MARGIN_MS },
    );
    return answer.status === 204 ? null : parseAnswer(answer, requestWorkResponse);
  }
}
