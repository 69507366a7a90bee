import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Names of all files in a hub's folder of blobs, those of uploads that are under way included. */
export function storedFiles(dataFolder: string): string[] {
  return readdirSync(join(dataFolder, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}
