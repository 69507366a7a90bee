import { startHub } from '../../../main/hub/start-hub.ts';
import { systemClock, type Log } from '../../../main/protocol/ports.ts';
import { catalogue } from './catalogue.ts';

/** A hub in a process of its own, to be killed: `hub-program.ts <dataFolder> <operatorKey>` prints its address. */
const [dataFolder = '', operatorKey = ''] = process.argv.slice(2);
const log: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: (message) => console.error(message),
};
const hub = await startHub({
  dataFolder,
  operatorKey,
  host: '127.0.0.1',
  port: 0,
  catalogue,
  log,
  clock: systemClock,
});
console.log(hub.url);
