import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { CallAnswer, StorageFigures } from '../../preload/contract.ts';
import type { Agent } from '../agent/agent.ts';
import { dataPaths } from '../agent/agent-options.ts';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { freeDiskBytes } from '../agent/free-disk.ts';
import { logFolder } from '../agent/log/create-log.ts';
import { BlobFolder } from '../agent/outbox/blob-folder.ts';
import type { Clock } from '../protocol/ports.ts';
import type { AgentKeeper } from './keeper-port.ts';

const DAY_MS = 86_400_000;
/** A blob younger than this may belong to a result that is about to be recorded. */
const BLOB_GRACE_MS = 3_600_000;

/** How much room everything takes. */
export async function storageFigures({ agent, settings }: AgentKeeper): Promise<StorageFigures> {
  const { dataFolder } = settings.config;
  const { database, blobs } = dataPaths(dataFolder);
  const [databaseBytes, blobBytes, logBytes, freeBytes] = await Promise.all([
    sumOfFiles([database, `${database}-wal`]),
    new BlobFolder(blobs).sizeBytes(),
    folderBytes(logFolder(dataFolder)),
    freeDiskBytes(dataFolder),
  ]);
  return { dataFolder, databaseBytes, blobBytes, logBytes, freeBytes, tasks: agent?.queue.statistics().total ?? 0 };
}

/** Removes now what retention would remove at its next turn, and files that nothing refers to. */
export async function cleanNow(agent: Agent, config: AgentConfig, clock: Clock): Promise<CallAnswer<'cleanNow'>> {
  const nowMs = clock.nowMs();
  const { deletedTasks, freedPages } = await agent.queue.cleanUp({
    finishedBeforeMs: nowMs - config.taskCleanupDays * DAY_MS,
  });
  const freedBytes = await agent.blobs.deleteUnreferenced({
    olderThanMs: nowMs - BLOB_GRACE_MS,
    referenced: (hashes) => agent.queue.referencedBlobs(hashes),
    signal: new AbortController().signal,
  });
  return { deletedTasks, freedBytes: freedBytes + freedPages * 4_096 };
}

async function sumOfFiles(paths: readonly string[]): Promise<number> {
  const sizes = await Promise.all(paths.map(async (path) => (await stat(path).catch(() => null))?.size ?? 0));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function folderBytes(folder: string): Promise<number> {
  const names = await readdir(folder).catch(() => []);
  return sumOfFiles(names.map((name) => join(folder, name)));
}
