import { lockDataFolder } from '../../../main/agent/queue/lock-data-folder.ts';
import { StoreError } from '../../../main/agent/queue/store-error.ts';

/** `node lock-holder.ts <folder>`: locks the folder, says so, and keeps it until it is ended or its input closes. */
try {
  lockDataFolder(process.argv[2] ?? '');
  console.log('have it');
  process.stdin.resume();
} catch (error) {
  if (!(error instanceof StoreError)) throw error;
  console.log(`${error.code}: ${error.message}`);
}
