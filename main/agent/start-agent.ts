import { mkdir } from 'node:fs/promises';
import { Agent } from './agent.ts';
import { dataPaths, type AgentOptions } from './agent-options.ts';
import { lockDataFolder } from './queue/lock-data-folder.ts';
import { openDatabase } from './queue/open-database.ts';
import { sweepRunFolder } from './sweep-run-folder.ts';

/**
 * Opens the data folder and starts an agent in it.
 * @throws StoreError when another agent runs there, or the database is newer or damaged; nothing is changed then
 */
export async function startAgent(options: AgentOptions): Promise<Agent> {
  const { dataFolder } = options.config;
  const paths = dataPaths(dataFolder);
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const lock = lockDataFolder(dataFolder);
  try {
    const database = openDatabase(paths.database);
    await mkdir(paths.blobs, { recursive: true, mode: 0o700 });
    await sweepRunFolder(paths.run, options.sweepProfiles, options.log);
    const agent = new Agent(options, lock, database);
    await agent.start();
    if (options.config.controlPort > 0) {
      const { attachControlApi } = await import('./control-api/attach-control-api.ts');
      await attachControlApi(agent, options);
    }
    return agent;
  } catch (error) {
    lock.release();
    throw error;
  }
}
