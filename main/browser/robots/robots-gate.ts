import { assertNever } from '../../protocol/assert-never.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import type { Clock } from '../../protocol/ports.ts';
import type { BrowserGuard, PageNetwork, TaskTraffic } from '../network-guard/page-network.ts';
import { abortable } from '../abortable.ts';
import { fetchRobots, type RobotsFile } from './fetch-robots.ts';
import type { SiteAnswer } from '../task-definition.ts';
import { productTokens, RobotsRules } from './robots-rules.ts';

/** Origins whose files are kept. */
const KEPT_ORIGINS = 300;
/** Of a site that cannot say any more, its last file counts for this long: RFC 9309, 2.3.1.4 speaks of 30 days. */
const KEPT_IN_NEED_MS = 24 * 3_600_000;

/** For whom a site is asked. */
export interface RobotsQuestion {
  signal: AbortSignal;
  /** Counts the bytes of the request, if one is made. */
  traffic: TaskTraffic;
  /** Is told how a site has answered that could not say. */
  siteAnswered?: (answer: SiteAnswer) => void;
}

interface Kept {
  file: RobotsFile;
  rules: RobotsRules | null;
  fetchedAtMs: number;
  /** Unix milliseconds before which the site does not want to be asked again; undefined when it names none. */
  notBeforeMs: number | undefined;
}

/** Asks sites for their robots.txt, keeps the answers, and refuses what they do not allow. */
export class RobotsGate {
  readonly #guard: BrowserGuard<PageNetwork & { readonly port: number }>;
  readonly #clock: Clock;
  readonly #userAgent: string;
  readonly #kept = new Map<string, Kept>();
  readonly #asking = new Map<string, Promise<Kept>>();

  /** @param options.userAgent what is sent as User-Agent */
  constructor(options: {
    guard: BrowserGuard<PageNetwork & { readonly port: number }>;
    clock: Clock;
    userAgent: string;
  }) {
    this.#guard = options.guard;
    this.#clock = options.clock;
    this.#userAgent = options.userAgent;
  }

  /**
   * Resolves when the site allows the visit.
   * @throws LegworkError `robots_disallowed` with the rule and its line, `robots_unreachable` with what the site's
   *   Retry-After asks for, `url_refused`; the signal's reason
   */
  async check(address: string, context: RobotsQuestion): Promise<void> {
    const url = new URL(address);
    const { file, rules, notBeforeMs } = await this.#fileOf(url.origin, context);
    switch (file.kind) {
      case 'none':
        return;
      case 'unreachable':
        throw new LegworkError('robots_unreachable', `${url.origin}/robots.txt: ${file.reason}.`, { notBeforeMs });
      case 'file': {
        const rule = rules?.ruleFor(url) ?? null;
        if (rule?.allow !== false) return;
        const detail = `Line ${rule.line} of ${url.origin}/robots.txt: ${rule.text.slice(0, 200)}`;
        throw new LegworkError('robots_disallowed', detail);
      }
      default:
        assertNever(file, 'robots.txt');
    }
  }

  async #fileOf(origin: string, context: RobotsQuestion): Promise<Kept> {
    const kept = this.#kept.get(origin);
    if (kept !== undefined && this.#clock.monotonicMs() - kept.fetchedAtMs < kept.file.keepMs) return kept;
    const asking = this.#asking.get(origin) ?? this.#ask(origin, context, kept);
    return abortable(asking, context.signal);
  }

  /** One request for all who want to know; nobody's cancel takes the answer from the others. */
  #ask(origin: string, context: RobotsQuestion, before: Kept | undefined): Promise<Kept> {
    const asking = this.#fetch(origin, context, before).finally(() => this.#asking.delete(origin));
    this.#asking.set(origin, asking);
    // Whoever asked may be gone when it fails.
    asking.catch(() => undefined);
    return asking;
  }

  async #fetch(origin: string, context: RobotsQuestion, before: Kept | undefined): Promise<Kept> {
    const way = await this.#guard.open();
    context.traffic.add(way);
    try {
      const signal = new AbortController().signal;
      const file = await fetchRobots({ origin, way, userAgent: this.#userAgent, signal });
      const answer = file.kind === 'unreachable' ? file.answer : null;
      if (answer !== null) context.siteAnswered?.(answer);
      const nowMs = this.#clock.monotonicMs();
      const isInNeed = file.kind === 'unreachable' && before !== undefined && before.file.kind !== 'unreachable';
      if (isInNeed && nowMs - before.fetchedAtMs < KEPT_IN_NEED_MS) return before;
      const rules = file.kind === 'file' ? new RobotsRules(file.text, productTokens(this.#userAgent)) : null;
      const pauseMs = answer?.retryAfterMs ?? null;
      const notBeforeMs = pauseMs === null ? undefined : this.#clock.nowMs() + pauseMs;
      const kept = { file, rules, fetchedAtMs: nowMs, notBeforeMs };
      this.#kept.delete(origin);
      this.#kept.set(origin, kept);
      for (const oldest of this.#kept.keys()) {
        if (this.#kept.size <= KEPT_ORIGINS) break;
        this.#kept.delete(oldest);
      }
      return kept;
    } finally {
      await way.close();
    }
  }
}
