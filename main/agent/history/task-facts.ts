import type { HistoryContext } from './history-context.ts';

/** What became of a task's result on its way to the hub. */
export interface Delivery {
  state: 'waiting' | 'delivered' | 'refused';
  deliveredAtMs: number | null;
}

/** A part of a stored result. */
export interface StoredBlob {
  name: string;
  contentType: string;
  sizeBytes: number;
}

/** Small facts about single tasks and blobs. */
export function prepareTaskFacts({ database }: HistoryContext) {
  const delivery = database.prepare<[string], Delivery>('SELECT state, deliveredAtMs FROM outbox WHERE taskId = ?');
  const blob = database.prepare<[string], StoredBlob>(
    'SELECT name, contentType, sizeBytes FROM attemptBlobs WHERE sha256 = ? LIMIT 1',
  );
  return {
    /** null: nobody waits for it. */
    deliveryOf: (taskId: string): Delivery | null => delivery.get(taskId) ?? null,
    /** null: no attempt names it. */
    findBlob: (sha256: string): StoredBlob | null => blob.get(sha256) ?? null,
  };
}
