import { dataPaths } from '../../agent/agent-options.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { deleteWork } from '../../agent/delete-work.ts';
import { StoreError } from '../../agent/queue/store-error.ts';
import { readCredentials } from '../../agent/secrets/credentials.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { leaveHere } from '../leave-here.ts';
import type { KeeperOptions } from './keeper-options.ts';

/**
 * Leaves the hub while no agent runs, whatever keeps it from running. Where that is a database that is to be kept, or
 * the credentials themselves, the hub is not told.
 * @throws StoreError `locked` when another program's agent runs on the data folder
 */
export async function leaveWithoutAgent(config: AgentConfig, options: KeeperOptions, wipe: boolean): Promise<void> {
  const { secrets, clock, random, log } = options;
  try {
    const credentials = await readCredentials(config, secrets);
    if (credentials !== null) {
      await leaveHere({ config, credentials, secrets, wipe, clock, random, log });
      return;
    }
  } catch (error) {
    if (error instanceof StoreError && error.code === 'locked') throw error;
    log.warn('the hub was not told that this machine leaves', { problem: describeError(error) });
  }
  if (wipe) await deleteWork(dataPaths(config.dataFolder));
}
