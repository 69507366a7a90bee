import { mkdirSync } from 'node:fs';
import { StoreError } from './store-error.ts';

/** Makes a folder and those above it, where they are missing. @throws StoreError `not_writable` */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError('not_writable', folder, `The folder ${folder} cannot be made: ${reason}`, { cause: error });
  }
}
