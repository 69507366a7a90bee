import { z } from 'zod';
import { unixMs } from '../../protocol/fields.ts';

/** Sites that have asked for less, as they outlive the agent. */
const stored = z.record(z.string(), z.object({ untilMs: unixMs, strikes: z.number().int().positive() }));
export type StoredSlowdowns = z.infer<typeof stored>;

/** Where a note of the agent is kept; the queue's notes. */
export interface NoteStore {
  readNote(name: string): string | null;
  writeNote(name: string, text: string | null): void;
}

const NOTE = 'slowed-sites';
/** Those whose pause ends last are kept, when there are more. */
const KEPT_SITES = 500;

/** What an earlier start knew of slow sites; nothing when the note is missing or not readable. */
export function readSlowdowns(notes: NoteStore): StoredSlowdowns {
  const text = notes.readNote(NOTE);
  if (text === null) return {};
  try {
    return stored.parse(JSON.parse(text));
  } catch {
    // Forgetting costs a site one visit that is too early; not starting would cost the host everything.
    return {};
  }
}

/** Keeps what is known of slow sites. @throws LegworkError `disk_full`, StoreError */
export function writeSlowdowns(notes: NoteStore, slowdowns: StoredSlowdowns): void {
  const entries = Object.entries(slowdowns).sort(([, one], [, other]) => other.untilMs - one.untilMs);
  notes.writeNote(NOTE, entries.length === 0 ? null : JSON.stringify(Object.fromEntries(entries.slice(0, KEPT_SITES))));
}
