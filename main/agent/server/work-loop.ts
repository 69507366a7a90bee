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

/** After an answer with tasks, wait this long for room for more pages before listening without. */
const ROOM_WAIT_MS = 500;
/** Least time between two requests that bring nothing. */
const MIN_INTERVAL_MS = 1_000;
/** So many answers without new tasks may follow one another at once: several commands, leases that are lost one by one. */
const MAX_QUICK_ANSWERS = 5;
/** Beyond the hub's wait, an answer may take this long. */
const ANSWER_MARGIN_MS = 20_000;

function isEmpty(capacity: WorkWish['capacity']): boolean {
  return capacity.page + capacity.exclusive === 0;
}

/** Whether what an open poll asks for is not wanted any more, or leaves out a lane in which there is room now. Pure. */
export function mustReplace(open: WorkWish['capacity'], wish: WorkWish['capacity']): boolean {
  if (isEmpty(wish)) return !isEmpty(open);
  return (open.page === 0 && wish.page > 0) || (open.exclusive === 0 && wish.exclusive > 0);
}

/**
 * The long poll: one request-work is open, so that a new job starts without delay and a cancel is heard at once. When
 * there is no room it listens with capacity 0; when room comes, that poll is given up for one that asks. Room often comes
 * soon after a batch, and is waited for a moment without a poll: to open one and give it up costs both sides a
 * connection.
 */
export class WorkLoop {
  readonly #link: HubLink;
  readonly #wish: () => WorkWish;
  readonly #capacity: () => WorkWish['capacity'];
  readonly #waitSeconds: number;
  /** The poll that is open, or the wait before the next one: what it covers, and how to end it early. */
  #current: { capacity: WorkWish['capacity']; giveUp: () => void } | null = null;
  readonly #wait: WakeableSleep;

  constructor(options: {
    link: HubLink;
    wish: () => WorkWish;
    /** The wish's `capacity`, without the cost of the rest: it is asked for at every change. */
    capacity: () => WorkWish['capacity'];
    waitSeconds: number;
  }) {
    this.#link = options.link;
    this.#wish = options.wish;
    this.#capacity = options.capacity;
    this.#waitSeconds = options.waitSeconds;
    this.#wait = new WakeableSleep(options.link.clock);
  }

  /** What may be asked for has changed; the open poll is replaced where it asks for too little or too much. */
  wishChanged(): void {
    const current = this.#current;
    if (current !== null && mustReplace(current.capacity, this.#capacity())) current.giveUp();
  }

  /** Gives the open poll up and asks anew, in a new session if the old one was dropped. */
  askAnew(): void {
    this.#current?.giveUp();
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
      this.#current = { capacity: wish.capacity, giveUp };
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
        const capacity = this.#capacity();
        if (answer !== null && answer.tasks.length > 0) {
          // A hub that hands out only what is known here has not heard of something yet: no use in asking at once.
          if (created === 0) await this.#waitForRoom(MIN_INTERVAL_MS, capacity, signal);
          else if (capacity.page === 0) await this.#waitForRoom(ROOM_WAIT_MS, capacity, signal);
        } else if (!isProbe && tookMs < MIN_INTERVAL_MS && (answer === null || quickAnswers > MAX_QUICK_ANSWERS)) {
          // A hub that does not hold requests is asked once a second; it would otherwise be asked without a pause.
          await this.#waitForRoom(MIN_INTERVAL_MS - tookMs, capacity, signal);
        }
      } catch (error) {
        if (error instanceof HubCallError && error.failure === 'aborted') idempotencyKey = randomUUID();
        else await this.#link.failed(error, signal, session);
      } finally {
        this.#current = null;
        signal.removeEventListener('abort', giveUp);
      }
    }
  }

  /** @param capacity that is known of; the wait ends early when there is more */
  #waitForRoom(delayMs: number, capacity: WorkWish['capacity'], signal: AbortSignal): Promise<void> {
    this.#current = { capacity, giveUp: () => this.#wait.wake() };
    return this.#wait.sleep(delayMs, signal);
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
