import { dataPaths } from '../../agent/agent-options.ts';
import { openDatabase } from '../../agent/queue/open-database.ts';
import { Queue } from '../../agent/queue/queue.ts';
import { FileSecretStore, secretFilePath } from '../../agent/secrets/file-secret-store.ts';
import { openPayloadVault } from '../../agent/secrets/payload-key.ts';
import { LegworkError } from '../../protocol/error-table.ts';
import { systemClock } from '../../protocol/ports.ts';
import { agentCatalogue } from '../agent-catalogue.ts';
import { CommandError } from '../command-error.ts';
import { loadCommandConfig } from '../config-options.ts';
import { prepareDataFolder } from '../data-folder.ts';
import type { TaskTaker } from '../enqueue-command.ts';
import { openControlTaker } from './control-taker.ts';
import { explainStoreFailure, isAgentRunning } from '../local-store.ts';
import { printNote } from '../output.ts';

const WRONG_INPUT: ReadonlySet<string> = new Set(['invalid_payload', 'unknown_type', 'type_disabled']);

/**
 * Gives tasks to the agent of this machine: over its control API when it runs with one, else by way of its store, in
 * which it notices them when it runs.
 */
export async function openLocalTaker(options: Record<string, unknown>): Promise<TaskTaker> {
  const { config } = await loadCommandConfig({ data: options['data'], config: options['config'] });
  const catalogue = agentCatalogue(config);
  prepareDataFolder(config.dataFolder);
  const isRunning = isAgentRunning(config.dataFolder);
  const database = openForWriting(dataPaths(config.dataFolder).database);
  const vault = await openPayloadVault(new FileSecretStore(secretFilePath(config.dataFolder), printNote));
  const queue = new Queue({ database, clock: systemClock, random: Math.random });
  const store: TaskTaker = {
    enqueue(tasks) {
      try {
        const checked = tasks.map(({ type, payload, ...rest }) => {
          const parsed = catalogue.parsePayload(type, payload);
          return { ...rest, type, payload: vault.seal(parsed), url: parsed.url, lane: catalogue.get(type).lane };
        });
        const ids = queue.enqueueBatch(checked).map(({ task }) => task.id);
        if (!isRunning) printNote(`No agent runs on ${config.dataFolder}; this waits until one does: legwork agent`);
        return Promise.resolve(ids);
      } catch (error) {
        const isInputWrong = error instanceof LegworkError && WRONG_INPUT.has(error.code);
        throw isInputWrong ? new CommandError('usage', error.message) : error;
      }
    },
    read(id) {
      const task = queue.get(id);
      if (task === null) throw new CommandError('failure', `The task ${id} is gone from the store.`);
      const { url, status, error } = task;
      const text = error === null ? null : `${error.code}: ${error.message}`;
      return Promise.resolve({ id, url, status, error: text });
    },
    close: () => void database.close(),
  };
  return isRunning ? ((await openControlTaker(config, store)) ?? store) : store;
}

function openForWriting(path: string): ReturnType<typeof openDatabase> {
  try {
    return openDatabase(path);
  } catch (error) {
    throw explainStoreFailure(error);
  }
}
