import type { Log } from '../../protocol/ports.ts';
import type { AgentKeeper } from '../../user-interface/keeper-port.ts';

/** Who wants the program to end: a person at this machine, who is shown what is waited for, or the system. */
export type QuitAsker = 'person' | 'system';

export interface QuitRequest {
  how: 'drain' | 'now';
  /** For people, a sentence. */
  reason: string;
  asker: QuitAsker;
}

export interface QuitFlowOptions {
  keeper: Pick<AgentKeeper, 'stop'>;
  log: Log;
  onRequest: (request: QuitRequest) => void;
  /** Everything of the agent has ended: the program may end. */
  onStopped: () => void;
}

/** Ends the program once, in order; a second request to end at once cuts the waiting short. */
export class QuitFlow {
  readonly #options: QuitFlowOptions;
  #ending: Promise<void> | null = null;
  #hasStopped = false;

  constructor(options: QuitFlowOptions) {
    this.#options = options;
  }

  get isEnding(): boolean {
    return this.#ending !== null;
  }

  /** Nothing runs any more. */
  get hasStopped(): boolean {
    return this.#hasStopped;
  }

  request(request: QuitRequest): void {
    const { keeper, log, onRequest, onStopped } = this.#options;
    log.info('asked to stop', { how: request.how, reason: request.reason });
    const stopped = keeper.stop(request.how, request.reason).catch((error: unknown) => {
      log.error('the agent did not stop in order', { problem: String(error) });
    });
    onRequest(request);
    this.#ending ??= stopped.then(() => {
      this.#hasStopped = true;
      onStopped();
      return undefined;
    });
  }
}
