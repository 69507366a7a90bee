import { explained, type StoreContext } from './store-context.ts';

/** Which of some blobs a stored attempt still names; the others' files may be deleted. */
export function prepareReferencedBlobs(context: StoreContext) {
  const isReferenced = context.database
    .prepare<[string], number>('SELECT EXISTS (SELECT 1 FROM attemptBlobs WHERE sha256 = ?)')
    .pluck();
  return (hashes: readonly string[]): Set<string> =>
    explained(context, () => new Set(hashes.filter((hash) => isReferenced.get(hash) === 1)));
}
