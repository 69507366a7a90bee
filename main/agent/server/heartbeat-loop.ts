import type { JsonObject } from '../../protocol/fields.ts';
import { heartbeatResponse, type HeartbeatRequest } from '../../protocol/heartbeat.ts';
import { WakeableSleep } from '../wakeable-sleep.ts';
import type { HubLink } from './hub-link.ts';

/** What a heartbeat carries and what is done with the answer. */
export interface HeartbeatSource {
  leases(): HeartbeatRequest['leases'];
  /** Taken once, after the hub asked for it. */
  takeDiagnostics(): JsonObject | undefined;
  onRenewed(leaseIds: string[], expiresAtMs: number): void;
}

/** Renews all held leases in one batch, as often as the hub asks; silent while there is nothing to renew. */
export class HeartbeatLoop {
  readonly #link: HubLink;
  readonly #source: HeartbeatSource;
  readonly #pause: WakeableSleep;

  constructor(options: { link: HubLink; source: HeartbeatSource }) {
    this.#link = options.link;
    this.#source = options.source;
    this.#pause = new WakeableSleep(options.link.clock);
  }

  /** Sends the next heartbeat now. */
  wake(): void {
    this.#pause.wake();
  }

  /** Runs until the signal aborts or the link ends. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const session = await this.#link.ensureSession(signal);
      if (session === null) return;
      await this.#pause.sleep(session.heartbeatSeconds * 1_000, signal);
      if (signal.aborted) return;
      const leases = this.#source.leases();
      const diagnostics = this.#source.takeDiagnostics();
      if (leases.length === 0 && diagnostics === undefined) continue;
      await this.#beat(leases, diagnostics, signal);
    }
  }

  async #beat(
    leases: HeartbeatRequest['leases'],
    diagnostics: JsonObject | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const session = this.#link.session;
    if (session === null) return;
    const acknowledgedCommands = this.#link.acknowledgements();
    const message: JsonObject = {
      sessionId: session.sessionId,
      leases,
      acknowledgedCommands,
      ...(diagnostics === undefined ? {} : { diagnostics }),
    };
    const sentAtMs = this.#link.clock.nowMs();
    try {
      const answer = await this.#link.call(
        () => this.#link.client.post('/internal/heartbeat', message, heartbeatResponse, { signal }),
        signal,
      );
      this.#link.confirmed(acknowledgedCommands);
      this.#source.onRenewed(answer.renewedLeases, sentAtMs + answer.leaseSeconds * 1_000);
      if (answer.lostLeases.length > 0) this.#link.listener.onLostLeases(answer.lostLeases);
      this.#link.takeCommands(answer.commands);
    } catch (error) {
      await this.#link.failed(error, signal, session);
    }
  }
}
