import type { CallAnswer, SettingDescription } from '../../preload/contract.ts';
import type { Agent } from '../agent/agent.ts';
import type { LoadedConfig } from '../agent/config/load-config.ts';
import { LIVE_SETTING_KEYS } from '../agent/live-settings.ts';
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
import { type InstalledBrowser, installedBrowsers, requireBrowser } from './keeper/installed-browsers.ts';
import { joinHub, requireOwnIdentity } from './keeper/join-hub.ts';
import type { KeeperOptions } from './keeper/keeper-options.ts';
import { leaveWithoutAgent } from './keeper/leave-without-agent.ts';
import { RestartBackoff } from './keeper/restart-backoff.ts';
import { waitUntilIdle } from './keeper/wait-until-idle.ts';
import { forgetIdentity } from './own-identity.ts';

/** A failed agent that has not ended by then does not end any more. */
const FAILED_END_MS = 15_000;

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
  readonly #backoff: RestartBackoff;
  #isFirstRun: boolean;
  #lastWork: Promise<unknown> = Promise.resolve();
  #retry = new AbortController();
  readonly #ended = new AbortController();
  #isRestartPending = false;
  /** The agent whose failure is being dealt with. */
  #crashing: Agent | null = null;

  constructor(options: KeeperOptions) {
    this.#options = options;
    this.#loaded = options.loaded;
    this.#backoff = new RestartBackoff(options.clock, options.random);
    this.#isFirstRun = isFirstRun(options.loaded.config.dataFolder);
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

  /**
   * The agent has failed in a way that nobody foresaw: it is ended, and started anew after a while. What else fails on
   * the way is part of the same failure.
   */
  crashed(error: unknown): Promise<void> {
    const { clock, log, giveUp } = this.#options;
    log.error('the agent failed', { problem: describeError(error) });
    const failed = this.#agent;
    if (failed === null || this.#crashing === failed) return Promise.resolve();
    this.#crashing = failed;
    return this.#oneAfterTheOther(async () => {
      if (this.#agent !== failed || this.#ended.signal.aborted) return;
      const ended = this.#endAgent('now').then(
        () => true,
        () => false,
      );
      const isEnded = await Promise.race([ended, clock.sleep(FAILED_END_MS).then(() => false)]);
      if (!isEnded) giveUp(error);
      else this.#fail(error);
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

  installedBrowsers(): Promise<InstalledBrowser[]> {
    return installedBrowsers(this.settings.browsers);
  }

  async useBrowser(path: string): Promise<void> {
    await requireBrowser(path);
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
    requireOwnIdentity(this.#loaded, null);
    await this.#oneAfterTheOther(async () => {
      this.#enter('restarting', 'It leaves the server.');
      if (this.#agent !== null) await this.#agent.leaveHub({ wipe });
      else await this.#leaveWithoutAgent(wipe);
      await this.#endAgent('now');
      await forgetIdentity(this.#loaded.sources, this.#options);
      await this.#build();
    });
  }

  async #leaveWithoutAgent(wipe: boolean): Promise<void> {
    try {
      await leaveWithoutAgent(this.#loaded.config, this.#options, wipe);
    } catch (error) {
      this.#fail(error);
      throw new UserInterfaceError('refused', explainFailure(error).sentence, { cause: error });
    }
  }

  get isFirstRun(): boolean {
    return this.#isFirstRun;
  }

  async finishFirstRun(): Promise<void> {
    await rememberFirstRun(this.#loaded.config.dataFolder);
    this.#isFirstRun = false;
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
    const { clock, log } = this.#options;
    const { code, sentence, isPassing } = explainFailure(error);
    log.error('no agent runs', { code, problem: sentence });
    const delayMs = this.#backoff.failed();
    this.#failure = { code, sentence, retryAtMs: isPassing ? Math.floor(clock.nowMs() + delayMs) : null };
    this.#enter('failed');
    if (!isPassing) return;
    this.#retry = new AbortController();
    const { signal } = this.#retry;
    void clock.sleep(delayMs, signal).then(() => (signal.aborted ? undefined : this.start()));
  }

  #take(agent: Agent, event: KeeperEvent): void {
    if (this.#agent !== agent) return;
    // Only the operator's wish ends an agent that is not told to by us.
    const hasEnded = event.kind === 'changed' && this.#phase === 'running' && agent.activity === 'stopped';
    if (hasEnded) {
      // Before anybody is told, who would otherwise see an agent that has ended for no reason, or start it too early.
      this.#phase = 'stopped';
      void this.#oneAfterTheOther(async () => {
        if (this.#agent !== agent) return;
        await this.#endAgent('drain');
        this.#enter('stopped');
      });
    }
    this.#tell(event);
  }

  /** A setting can wait for a moment in which nothing is interrupted. */
  async #restartWhenIdle(): Promise<void> {
    if (this.#isRestartPending) return;
    this.#isRestartPending = true;
    await waitUntilIdle(() => this.#agent, this.#options.clock, this.#ended.signal);
    this.#isRestartPending = false;
    await this.#restart('A setting has changed.', 'drain');
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
