import { existsSync } from 'node:fs';
import { dataPaths } from '../agent/agent-options.ts';
import { History } from '../agent/history/history.ts';
import type { Clock } from '../protocol/ports.ts';
import type { AgentKeeper } from './keeper-port.ts';
import { UserInterfaceError } from './user-interface-error.ts';

/** The history of the keeper's data folder, opened at the first need and again for each agent. */
export class HistoryDoor {
  readonly #keeper: AgentKeeper;
  readonly #clock: Clock;
  #opened: { history: History; agent: AgentKeeper['agent'] } | null = null;
  #isLocked = false;

  constructor(keeper: AgentKeeper, clock: Clock) {
    this.#keeper = keeper;
    this.#clock = clock;
  }

  /** null while there is none to look at: no agent has brought the store up to date yet. */
  present(): History | null {
    const { agent, settings } = this.#keeper;
    if (agent !== null && agent.activity !== 'stopped' && !this.#isLocked && this.#opened?.agent !== agent) {
      this.close();
      const file = dataPaths(settings.config.dataFolder).database;
      if (existsSync(file)) this.#opened = { history: new History(file, this.#clock), agent };
    }
    return this.#opened?.history ?? null;
  }

  /** @throws UserInterfaceError `no_history` */
  required(): History {
    const history = this.present();
    if (history === null) throw new UserInterfaceError('no_history', 'The history is there once Legwork has started.');
    return history;
  }

  /** Keeps it closed while something is done: where files are deleted, nobody may have them open. */
  async closedWhile(work: () => Promise<void>): Promise<void> {
    this.#isLocked = true;
    this.close();
    try {
      await work();
    } finally {
      this.#isLocked = false;
    }
  }

  close(): void {
    this.#opened?.history.close();
    this.#opened = null;
  }
}
