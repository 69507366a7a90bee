import { networkInterfaces } from 'node:os';
import type { Dialer } from '../../main/browser/network-guard/dialer.ts';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import type { BrowserGuard } from '../../main/browser/network-guard/page-network.ts';
import type { WebsiteHtmlResult } from '../../main/browser/website-html/result.ts';
import { LegworkError, toLegworkError } from '../../main/protocol/error-table.ts';
import type { JsonObject } from '../../main/protocol/fields.ts';
import { AttackSite } from '../browser/network-guard/attack-site.ts';
import { attackPages, type AttackPages } from '../browser/network-guard/attack-ways.ts';
import { Canary } from '../browser/network-guard/canary.ts';
import { RenderBench } from '../browser/render.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../support/loopback-network.ts';
import { NoGuard } from '../support/no-guard.ts';
import { type Answers, DnsAnswerer } from './dns-answerer.ts';

/** The canary under every address that this machine has, and in the forms that carry one. */
export const CANARY_ADDRESSES: readonly string[] = ['127.0.0.1', '::1', '::ffff:127.0.0.1', ...ownAddresses()];

export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((entries) => entries ?? [])
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80'))
    .map(({ address }) => address);
}

export interface AttackLaneOptions {
  /** `off`: the same pool without the guard. */
  readonly guard: 'on' | 'off';
  /** Beside the attack site and the canary's port. */
  readonly allow?: readonly string[];
  readonly hub?: (lane: { canaryPort: number }) => string;
  /** Names that are not the canary's; null: no such name. */
  readonly answers?: Answers;
  /** Plays what is public. */
  readonly dialer?: (site: AttackSite) => Dialer;
  readonly keepAnswersMs?: number;
}

/** Bounds what a page is waited for that tries everything; beside other tests that takes several times as long. */
const EVERYTHING_TRIED_MS = 80_000;

/**
 * The real page lane (pool, guard, `website_html`) with an attack site that the host has opened and a canary that
 * nobody has: its port is open everywhere, so that only the address keeps pages away from it.
 */
export class AttackLane {
  readonly canary: Canary;
  readonly site: AttackSite;
  readonly dns: DnsAnswerer;
  readonly bench: RenderBench;
  readonly pages: AttackPages;

  private constructor(parts: {
    canary: Canary;
    site: AttackSite;
    dns: DnsAnswerer;
    bench: RenderBench;
    pages: AttackPages;
  }) {
    this.canary = parts.canary;
    this.site = parts.site;
    this.dns = parts.dns;
    this.bench = parts.bench;
    this.pages = parts.pages;
  }

  static async start(options: AttackLaneOptions): Promise<AttackLane> {
    const canary = await Canary.start();
    const pages = attackPages(canary.port);
    const site = await AttackSite.start(pages);
    let turn = 0;
    const dns = await DnsAnswerer.start((name) => {
      if (!name.endsWith('.canary.example')) return options.answers?.(name) ?? null;
      turn += 1;
      return [CANARY_ADDRESSES[turn % CANARY_ADDRESSES.length] ?? '127.0.0.1'];
    });
    const network = {
      ...LOOPBACK_NETWORK,
      allowedPrivateHosts: [`127.0.0.1:${site.port}`, `*:${canary.port}`, ...(options.allow ?? [])],
      hub: options.hub?.({ canaryPort: canary.port }) ?? null,
    };
    const guard: BrowserGuard & { close(): Promise<void> } =
      options.guard === 'off'
        ? new NoGuard(['--host-resolver-rules=MAP *.canary.example 127.0.0.1'])
        : new NetworkGuard({
            allow: network.allowedPrivateHosts,
            hub: network.hub,
            log: new RecordingLog(),
            resolve: (name) => dns.resolve(name),
            ...(options.keepAnswersMs === undefined ? {} : { keepAnswersMs: options.keepAnswersMs }),
            ...(options.dialer === undefined ? {} : { dialer: options.dialer(site) }),
          });
    const bench = new RenderBench({ network }, guard);
    return new AttackLane({ canary, site, dns, bench, pages });
  }

  get root(): string {
    return `http://127.0.0.1:${this.site.port}`;
  }

  /** Carries `website_html` out; a path is the attack site's. */
  async visit(target: string, payload: JsonObject = {}): Promise<WebsiteHtmlResult | LegworkError> {
    const url = target.startsWith('/') ? `${this.root}${target}` : target;
    return this.bench.render({ timeoutMs: 60_000, ...payload, url }).then(({ result }) => result, toLegworkError);
  }

  /** Visits a page that says itself when it has tried everything. @throws LegworkError */
  async visitUntilDone(path: string, isDone: () => boolean, payload: JsonObject = {}): Promise<WebsiteHtmlResult> {
    const endMs = performance.now() + EVERYTHING_TRIED_MS;
    this.site.isDone = () => isDone() || performance.now() > endMs;
    const outcome = await this.visit(path, {
      waitUntil: 'domcontentloaded',
      waitForSelector: '#done',
      timeoutMs: EVERYTHING_TRIED_MS + 40_000,
      ...payload,
    });
    if (outcome instanceof LegworkError) throw outcome;
    return outcome;
  }

  async close(): Promise<void> {
    await this.bench.close();
    this.site.close();
    this.dns.close();
    this.canary.close();
  }
}

/** What a visit came to, in a word for a table of cases: the code, or the rules by which parts were refused. */
export function wordOf(outcome: WebsiteHtmlResult | LegworkError): string {
  if (outcome instanceof LegworkError) {
    const rule = /refused by the rule (\w+)/.exec(outcome.detail)?.[1];
    return rule === undefined ? outcome.code : `${outcome.code} ${rule}`;
  }
  const rules = [...new Set(outcome.network.refused.map(({ rule }) => rule))];
  return rules.length === 0 ? 'completed' : `completed without ${rules.sort().join(' ')}`;
}
