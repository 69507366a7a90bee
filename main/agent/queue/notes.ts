import { durably, explained, type StoreContext } from './store-context.ts';

/** Short notes of the agent that outlive it, such as that the operator has paused it; by name. */
export function prepareNotes(context: StoreContext) {
  const { database } = context;
  const read = database.prepare<[string], string>('SELECT value FROM meta WHERE key = ?').pluck();
  const write = database.prepare(
    'INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const remove = database.prepare('DELETE FROM meta WHERE key = ?');
  return {
    readNote: (name: string): string | null => explained(context, () => read.get(`note.${name}`) ?? null),
    writeNote: durably(context, (name: string, text: string | null): void => {
      if (text === null) remove.run(`note.${name}`);
      else write.run(`note.${name}`, text);
    }),
  };
}
