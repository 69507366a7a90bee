import { z } from 'zod';
import type { Clock } from '../protocol/ports.ts';
import type { Queue } from './queue/queue.ts';

export type Pauser = 'host' | 'operator';

/** A pause that is in force. */
export interface Pause {
  by: Pauser;
  /** For people. */
  note: string;
  /** When it ends by itself, Unix milliseconds; null: when it is lifted. */
  untilMs: number | null;
}

const NOTE_NAME: Readonly<Record<Pauser, string>> = { host: 'host-pause', operator: 'operator-pause' };
const storedPause = z.object({ note: z.string(), untilMs: z.number().nullable() });

/** Who has paused the agent; each lifts only the own pause. Kept over a restart. */
export class Pauses {
  readonly #notes: Pick<Queue, 'readNote' | 'writeNote'>;
  readonly #clock: Clock;
  readonly #pauses = new Map<Pauser, Pause>();

  constructor(notes: Pick<Queue, 'readNote' | 'writeNote'>, clock: Clock) {
    this.#notes = notes;
    this.#clock = clock;
    for (const by of ['operator', 'host'] as const) {
      const text = notes.readNote(NOTE_NAME[by]);
      if (text !== null) this.#pauses.set(by, readPause(by, text));
    }
  }

  /** Those in force, the operator's first. */
  get all(): Pause[] {
    return [...this.#pauses.values()];
  }

  get isPaused(): boolean {
    return this.#pauses.size > 0;
  }

  /** When all of them will have ended by themselves; null when one must be lifted, or when there is none. */
  get untilMs(): number | null {
    const ends = this.all.map(({ untilMs }) => untilMs);
    return ends.reduce(
      (latest, end) => (latest === null || end === null ? null : Math.max(latest, end)),
      ends[0] ?? null,
    );
  }

  /** @throws StoreError, LegworkError `disk_full`: it is in force all the same, but not kept over a restart */
  pause(by: Pauser, note: string, untilMs: number | null): void {
    this.#pauses.set(by, { by, note, untilMs });
    this.#notes.writeNote(NOTE_NAME[by], JSON.stringify({ note, untilMs }));
  }

  /** @returns whether there was one to lift */
  lift(by: Pauser): boolean {
    const lifted = this.#pauses.delete(by);
    this.#notes.writeNote(NOTE_NAME[by], null);
    return lifted;
  }

  /** Lifts those whose time has come. @returns whether there were any */
  liftDue(): boolean {
    const nowMs = this.#clock.nowMs();
    const due = this.all.filter(({ untilMs }) => untilMs !== null && untilMs <= nowMs);
    for (const { by } of due) {
      this.#pauses.delete(by);
      try {
        this.#notes.writeNote(NOTE_NAME[by], null);
      } catch {
        // A full disk: the note has its end in it, so that a start that reads it lifts it at once.
      }
    }
    return due.length > 0;
  }
}

/** A pause was once kept as its note alone. */
function readPause(by: Pauser, text: string): Pause {
  try {
    return { by, ...storedPause.parse(JSON.parse(text)) };
  } catch {
    return { by, note: text, untilMs: null };
  }
}
