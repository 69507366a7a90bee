import type { CallAnswer, SettingDescription } from '../../preload/contract.ts';
import type { Agent } from '../agent/agent.ts';
import { dataPaths } from '../agent/agent-options.ts';
import { backoffMs } from '../agent/backoff.ts';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { deleteWork } from '../agent/delete-work.ts';
import { LIVE_SETTING_KEYS } from '../agent/live-settings.ts';
import { forgetCredentials } from '../agent/secrets/credentials.ts';
import { findChromium } from '../browser/find-chromium.ts';
import { taskDefinitions } from '../browser/tasks/registry.ts';
import { describeError } from '../protocol/describe-error.ts';
import type { PayloadVault } from '../protocol/payload-vault.ts';
import type { TaskType } from '../protocol/task-type.ts';
import type {
  AgentKeeper,
  KeeperEvent,
  KeeperFailure,
  KeeperPhase,
  KeptSettings,
} from '../user-interface/keeper-port.ts';
import { UserInterfaceError } from '../user-interface/user-interface-error.ts';
import { type AgentParts, buildAgent, gatherParts } from './keeper/build-agent.ts';
import { keepSettings } from './keeper/change-settings.ts';
import { describeSettings } from './keeper/describe-settings.ts';
import { explainFailure } from './keeper/explain-failure.ts';
import { isFirstRun, rememberFirstRun } from './keeper/first-run.ts';
import { dropIdentity, joinHub, requireOwnIdentity } from './keeper/join-hub.ts';
import type { KeeperOptions } from './keeper/keeper-options.ts';

const RESTART_BACKOFF = { baseMs: 2_000, capMs: 300_000 } as const;
/** After this long without a failure the next one counts as the first again. */
const STEADY_MS = 600_000;
/** A restart for a setting waits this long for a moment in which nothing runs; then running tasks are finished first. */
const IDLE_WAIT_MS = 600_000;
const IDLE_CHECK_MS = 1_000;

/** See AgentKeeper. Whatever it does to the agent, it does one after the other. */
export class RestartingAgentKeeper implements AgentKeeper {
  readonly taskTypes: readonly TaskType[] = taskDefinitions;
  readonly #options: KeeperOptions;
  readonly #listeners = new Set<(event: KeeperEvent) => void>();
  #loaded: LoadedConfig;
  #parts: AgentParts | null = null;
  #agent: Agent | null = null;
  #phase: KeeperPhase = 'starting';
  #failure: KeeperFailure | null = null;
  #stoppingReason: string | null = null;
  #failures = 0;
  #failedAtMs = Number.NEGATIVE_INFINITY;
  #lastWork: Promise<unknown> = Promise.resolve();
  #retry = new AbortController();
  readonly #ended = new AbortController();
  #isRestartPending = false;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
  }

  get agent(): Agent | null {
    return this.#agent;
  }
  get phase(): KeeperPhase {
    return this.#phase;
  }
  get failure(): KeeperFailure | null {
    return this.#failure;
  }
  get stoppingReason(): string | null {
    return this.#stoppingReason;
  }
  get vault(): PayloadVault | null {
    return this.#parts?.vault ?? null;
  }
  get settings(): KeptSettings {
    return {
      config: this.#loaded.config,
      credentials: this.#parts?.credentials ?? null,
      browsers: this.#parts?.browsers ?? [],
    };
  }

  subscribe(listener: (event: KeeperEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  start(): Promise<void> {
    return this.#oneAfterTheOther(async () => {
      if (this.#agent === null) await this.#build();
    });
  }

  async stop(how: 'drain' | 'now', reason: string): Promise<void> {
    this.#ended.abort();
    this.#retry.abort();
    this.#enter('stopping', reason);
    // A second call cuts the first one short, so that it cannot wait for its turn.
    if (how === 'now') await this.#agent?.stop('now');
    await this.#oneAfterTheOther(async () => {
      await this.#agent?.stop(how);
      this.#agent = null;
      this.#enter('stopping', reason);
    });
  }

  /** Ends the agent at once, with what it holds given back, until `start`: the machine goes to sleep. */
  rest(reason: string): Promise<void> {
    return this.#oneAfterTheOther(async () => {
      if (this.#ended.signal.aborted) return;
      this.#retry.abort();
      this.#enter('restarting', reason);
      await this.#endAgent('now');
      this.#enter('restarting', reason);
    });
  }

  /** The agent has failed in a way that nobody foresaw: it is ended, and started anew after a while. */
  crashed(error: unknown): Promise<void> {
    this.#options.log.error('the agent failed', { problem: describeError(error) });
    return this.#oneAfterTheOther(async () => {
      await this.#endAgent('now').catch((other: unknown) => {
        this.#options.log.error('the failed agent could not be ended', { problem: describeError(other) });
      });
      this.#fail(error);
    });
  }

  describeSettings(): SettingDescription[] {
    return describeSettings(this.#loaded);
  }

  async changeSettings(values: Readonly<Record<string, unknown>>): Promise<CallAnswer<'changeSettings'>> {
    return this.#oneAfterTheOther(async () => {
      const kept = await keepSettings(values, this.#loaded, this.#options);
      if (Array.isArray(kept)) return { kind: 'refused', issues: kept };
      this.#loaded = kept.loaded;
      const applied = kept.changedKeys.filter((key) => LIVE_SETTING_KEYS.includes(key));
      const afterRestart = kept.changedKeys.filter((key) => !LIVE_SETTING_KEYS.includes(key));
      if (applied.length > 0) {
        this.#agent?.changeSettings(Object.fromEntries(applied.map((key) => [key, kept.loaded.config[key]])));
      }
      if (this.#agent === null && kept.changedKeys.length > 0) void this.start();
      else if (afterRestart.length > 0) void this.#restartWhenIdle();
      this.#tell({ kind: 'keeper' });
      return { kind: 'changed', applied, afterRestart };
    });
  }

  async installedBrowsers(): Promise<{ name: string; version: string; path: string }[]> {
    const { chromium, headlessShell } = await findChromium();
    const known = [chromium, headlessShell, ...this.settings.browsers].filter((browser) => browser !== null);
    return [...new Map(known.map((browser) => [browser.path, browser])).values()].map(({ kind, version, path }) => ({
      name: kind === 'chromium' ? nameOfBrowser(path) : 'Chromium headless shell',
      version,
      path,
    }));
  }

  async useBrowser(path: string): Promise<void> {
    const browser = (await this.installedBrowsers()).find((installed) => installed.path === path);
    const { chromium } = await findChromium({ chromiumPath: path, headlessShellPath: null });
    if (browser === undefined && chromium === null) {
      throw new UserInterfaceError('browser_missing', 'There is no browser that Legwork can use at this place.');
    }
    const answer = await this.changeSettings({ chromiumPath: path });
    if (answer.kind === 'refused') throw new UserInterfaceError('refused', answer.issues[0]?.sentence ?? 'Refused.');
  }

  browsersChanged(): Promise<void> {
    return this.#restart('Its browser has changed.', 'drain');
  }

  async enrol(offer: { hubUrl: string; token: string }): Promise<void> {
    const before = this.settings.credentials;
    await joinHub(offer, this.#loaded, this.#options);
    await this.#oneAfterTheOther(async () => {
      this.#enter('restarting', 'It connects to another server.');
      // The same hub may have given the same worker again, whose new secret must stay good.
      if (before !== null && before.hubUrl !== offer.hubUrl) await this.#agent?.leaveHub({ wipe: false });
      await this.#endAgent('drain');
      await this.#build();
    });
  }

  async leaveHub(wipe: boolean): Promise<void> {
    requireOwnIdentity(this.#loaded.sources);
    await this.#oneAfterTheOther(async () => {
      this.#enter('restarting', 'It leaves the server.');
      if (this.#agent !== null) await this.#agent.leaveHub({ wipe });
      else if (wipe) await deleteWork(dataPaths(this.#loaded.config.dataFolder));
      await this.#endAgent('now');
      await forgetCredentials(this.#options.secrets);
      await dropIdentity(this.#loaded.sources, this.#options);
      await this.#build();
    });
  }

  get isFirstRun(): boolean {
    return isFirstRun(this.#loaded.config.dataFolder);
  }

  async finishFirstRun(): Promise<void> {
    await rememberFirstRun(this.#loaded.config.dataFolder);
    this.#tell({ kind: 'keeper' });
  }

  async #build(): Promise<void> {
    if (this.#ended.signal.aborted) return;
    this.#retry.abort();
    this.#enter('starting');
    try {
      this.#loaded = await this.#options.loadConfig(null);
      this.#parts = await gatherParts(this.#options, this.#loaded);
      const agent = await buildAgent(this.#options, this.#loaded, this.#parts);
      this.#agent = agent;
      agent.subscribe((event) => this.#take(agent, event));
      this.#failure = null;
      this.#enter('running');
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { clock, random, log } = this.#options;
    const { code, sentence, isPassing } = explainFailure(error);
    log.error('no agent runs', { code, problem: sentence });
    this.#failures = clock.monotonicMs() - this.#failedAtMs > STEADY_MS ? 1 : this.#failures + 1;
    this.#failedAtMs = clock.monotonicMs();
    const delayMs = backoffMs({ failures: this.#failures, random, ...RESTART_BACKOFF });
    this.#failure = { code, sentence, retryAtMs: isPassing ? Math.floor(clock.nowMs() + delayMs) : null };
    this.#enter('failed');
    if (!isPassing) return;
    this.#retry = new AbortController();
    const { signal } = this.#retry;
    void clock.sleep(delayMs, signal).then(() => (signal.aborted ? undefined : this.start()));
  }

  #take(agent: Agent, event: KeeperEvent): void {
    if (this.#agent !== agent) return;
    this.#tell(event);
    // Only the operator's wish ends an agent that is not told to by us.
    if (event.kind !== 'changed' || this.#phase !== 'running' || agent.activity !== 'stopped') return;
    this.#phase = 'stopped';
    void this.#oneAfterTheOther(async () => {
      if (this.#agent !== agent) return;
      await this.#endAgent('drain');
      this.#enter('stopped');
    });
  }

  /** A setting can wait for a moment in which nothing is interrupted. */
  async #restartWhenIdle(): Promise<void> {
    if (this.#isRestartPending) return;
    this.#isRestartPending = true;
    const { clock } = this.#options;
    const sinceMs = clock.monotonicMs();
    const { signal } = this.#ended;
    const isBusy = (): boolean => (this.#agent?.snapshot().running.length ?? 0) > 0;
    while (!signal.aborted && isBusy() && clock.monotonicMs() - sinceMs < IDLE_WAIT_MS) {
      await clock.sleep(IDLE_CHECK_MS, signal);
    }
    this.#isRestartPending = false;
    if (!signal.aborted) await this.#restart('A setting has changed.', 'drain');
  }

  #restart(reason: string, how: 'drain' | 'now'): Promise<void> {
    return this.#oneAfterTheOther(async () => {
      if (this.#ended.signal.aborted) return;
      this.#enter('restarting', reason);
      await this.#endAgent(how);
      await this.#build();
    });
  }

  async #endAgent(how: 'drain' | 'now'): Promise<void> {
    const agent = this.#agent;
    if (agent === null) return;
    await agent.stop(how);
    this.#agent = null;
  }

  #oneAfterTheOther<Result>(work: () => Promise<Result>): Promise<Result> {
    const done = this.#lastWork.then(work);
    this.#lastWork = done.catch(() => undefined);
    return done;
  }

  #enter(phase: KeeperPhase, reason: string | null = null): void {
    if (this.#ended.signal.aborted && phase !== 'stopping') return;
    this.#phase = phase;
    this.#stoppingReason = reason;
    this.#tell({ kind: 'keeper' });
  }

  #tell(event: KeeperEvent): void {
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (error) {
        this.#options.log.error('a listener failed', { problem: describeError(error) });
      }
    }
  }
}

function nameOfBrowser(path: string): string {
  if (/edge/i.test(path)) return 'Microsoft Edge';
  return /chromium/i.test(path) ? 'Chromium' : 'Google Chrome';
}
