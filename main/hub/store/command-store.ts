import type { Statement } from 'better-sqlite3';
import type { Command } from '../../protocol/request-work.ts';
import type { Store } from './open-store.ts';

/** Commands to agents, kept until they are acknowledged. */
export class CommandStore {
  readonly #insert: Statement;
  readonly #open: Statement<[string], Command>;
  readonly #acknowledge: Statement;
  /** Workers that nothing is to be told to: nearly all, at nearly every call. */
  readonly #withoutCommands = new Set<string>();

  constructor(store: Store) {
    this.#insert = store.prepare(`
      INSERT INTO commands (id, worker_id, command, created_at_ms) VALUES (@id, @workerId, @command, @createdAtMs)`);
    this.#open = store.prepare(`
      SELECT id, command FROM commands WHERE worker_id = ? AND acknowledged_at_ms IS NULL
      ORDER BY created_at_ms, id LIMIT 50`);
    this.#acknowledge = store.prepare(`
      UPDATE commands SET acknowledged_at_ms = @nowMs
      WHERE id = @id AND worker_id = @workerId AND acknowledged_at_ms IS NULL`);
  }

  insert(workerId: string, command: Command, createdAtMs: number): void {
    this.#withoutCommands.delete(workerId);
    this.#insert.run({ ...command, workerId, createdAtMs });
  }

  open(workerId: string): Command[] {
    if (this.#withoutCommands.has(workerId)) return [];
    const commands = this.#open.all(workerId);
    if (commands.length === 0) this.#withoutCommands.add(workerId);
    return commands;
  }

  acknowledge(workerId: string, ids: readonly string[], nowMs: number): void {
    for (const id of ids) this.#acknowledge.run({ id, workerId, nowMs });
  }
}
