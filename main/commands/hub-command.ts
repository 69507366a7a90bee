import { join } from 'node:path';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type AgentConfig, configSchema } from '../agent/config/config-schema.ts';
import { isLoopbackHost } from '../agent/server/hub-address.ts';
import { createLog, logFolder, type ClosableLog } from '../agent/log/create-log.ts';
import { createRedactor, type Redactor } from '../agent/log/redactor.ts';
import { taskDefinitions } from '../browser/tasks/registry.ts';
import { HubStartError, type RunningHub, startHub } from '../hub/start-hub.ts';
import { HubRefusal } from '../hub/refusal.ts';
import { assertNever } from '../protocol/assert-never.ts';
import { systemClock } from '../protocol/ports.ts';
import { TaskCatalogue } from '../protocol/task-type.ts';
import { CommandError } from './command-error.ts';
import { prepareDataFolder } from './data-folder.ts';
import { EXIT_CODES, type ExitName } from './exit-codes.ts';
import { findOperatorKey, type OperatorKey } from './operator-key.ts';
import { printJson, printLine } from './output.ts';
import { listenForStop } from './stop-signals.ts';

const DEFAULT_PORT = 4817;
const DAY_MS = 86_400_000;

interface HubCommandOptions {
  port: number;
  host: string;
  data?: string;
  operatorKey?: string;
  worker: WorkerCredentials[];
  enrolmentToken?: boolean;
  leaseSeconds?: number;
  heartbeatSeconds?: number;
  keepDays?: number;
  trustProxy?: boolean;
  allowedWebhookHosts?: string[];
  logLevel: AgentConfig['logLevel'];
  json?: boolean;
}

interface WorkerCredentials {
  workerId: string;
  secret: string;
}

/** `legwork hub`: runs the reference hub until it is told to stop. */
export function hubCommand(): Command {
  return new Command('hub')
    .option('--port <number>', 'Port; 0 takes any free one.', wholeNumber(0, 65_535), DEFAULT_PORT)
    .option('--host <address>', 'Address to listen on. Beyond this machine, put a TLS proxy before it.', '127.0.0.1')
    .option('--data <folder>', 'Folder of the database, results and keys. Default: `hub` in the agent’s data folder.')
    .option('--operator-key <key>', 'What operators authenticate with; better in LEGWORK_OPERATOR_KEY.')
    .option(
      '--worker <id:secret>',
      'Make a worker known; can be repeated. Also WORKER_ID with LOCALBROWSER_SECRET.',
      worker,
      [],
    )
    .option('--enrolment-token', 'Print a one-time token for `legwork enrol`.')
    .option('--lease-seconds <number>', 'How long a lease lasts without renewal. Default: 60.', wholeNumber(5, 86_400))
    .option('--heartbeat-seconds <number>', 'How often agents renew. Default: 10.', wholeNumber(1, 3_600))
    .option(
      '--keep-days <number>',
      'Delete jobs with their results so many days after they ended. Default: they stay.',
      wholeNumber(1, 3_650),
    )
    .option('--trust-proxy', 'Behind a TLS proxy of your own: take the address of a caller from its X-Forwarded-For.')
    .addOption(
      new Option('--allowed-webhook-hosts <list>', 'Receivers of webhooks that are not public, such as 127.0.0.1:8000.')
        .env('LEGWORK_ALLOWED_WEBHOOK_HOSTS')
        .argParser((text: string) =>
          text
            .split(',')
            .map((entry) => entry.trim())
            .filter((entry) => entry !== ''),
        ),
    )
    .option('--log-level <level>', 'One of debug, info, warn, error.', logLevel, 'info')
    .option('--json', 'Print events and the log as JSON, one a line.')
    .addHelpText(
      'after',
      `
Without an operator key one is made, and kept in the file operator-key of the data folder, readable by its owner only.

Examples:
  legwork hub --enrolment-token
  legwork hub --data /srv/legwork --port 8080
  WORKER_ID=w1 LOCALBROWSER_SECRET=… legwork hub --json`,
    )
    .action(async (options: HubCommandOptions) => {
      process.exitCode = EXIT_CODES[await runHub(options)].code;
    });
}

async function runHub(options: HubCommandOptions): Promise<ExitName> {
  const dataFolder = options.data ?? join(configSchema.shape.dataFolder.parse(undefined), 'hub');
  prepareDataFolder(dataFolder);
  const isJson = options.json === true;
  const operatorKey = await findOperatorKey(options.operatorKey, process.env['LEGWORK_OPERATOR_KEY'], dataFolder);
  const workers = [...options.worker, ...workerOfEnvironment(process.env)];
  const redactor = createRedactor([operatorKey.key, ...workers.map(({ secret }) => secret)]);
  const log = createLog({
    folder: logFolder(dataFolder),
    console: isJson ? 'json' : 'human',
    level: options.logLevel,
    redactor,
  });
  try {
    const hub = await start(options, dataFolder, operatorKey.key, log);
    try {
      for (const each of workers) registerWorker(hub, each, log);
    } catch (error) {
      await hub.close();
      throw error;
    }
    const stopped = untilStopped(hub, log);
    announce(hub, options, operatorKey, redactor);
    return await stopped;
  } finally {
    log.close();
  }
}

async function start(
  options: HubCommandOptions,
  dataFolder: string,
  operatorKey: string,
  log: ClosableLog,
): Promise<RunningHub> {
  const { host, port, leaseSeconds, heartbeatSeconds, keepDays, trustProxy, allowedWebhookHosts } = options;
  const limits = {
    ...(leaseSeconds === undefined ? {} : { leaseSeconds }),
    ...(heartbeatSeconds === undefined ? {} : { heartbeatSeconds }),
    ...(keepDays === undefined ? {} : { keepEndedJobsMs: keepDays * DAY_MS }),
  };
  const catalogue = new TaskCatalogue(taskDefinitions);
  try {
    return await startHub({
      dataFolder,
      host,
      port,
      operatorKey,
      catalogue,
      log,
      clock: systemClock,
      limits,
      trustProxy,
      allowedWebhookHosts,
    });
  } catch (error) {
    if (!(error instanceof HubStartError)) throw error;
    throw new CommandError(exitOfStart(error), error.message, { cause: error });
  }
}

function exitOfStart(error: HubStartError): ExitName {
  switch (error.code) {
    case 'wrong_option':
      return 'configuration';
    case 'database_refused':
      return 'databaseRefused';
    case 'already_running':
      return 'alreadyRunning';
    case 'cannot_listen':
      return exitOfListening((error.cause as NodeJS.ErrnoException | undefined)?.code ?? '');
    case 'failed':
      return 'failure';
    default:
      return assertNever(error.code, 'code of a hub that cannot start');
  }
}

function exitOfListening(systemCode: string): ExitName {
  if (systemCode === 'EADDRINUSE') return 'alreadyRunning';
  return ['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].includes(systemCode) ? 'usage' : 'failure';
}

/** A worker that is known with another secret keeps it: its agent may have rotated the one that is given here. */
function registerWorker(hub: RunningHub, { workerId, secret }: WorkerCredentials, log: ClosableLog): void {
  try {
    hub.registerWorker({ workerId, secret });
  } catch (error) {
    if (!(error instanceof HubRefusal)) throw error;
    if (error.code === 'conflict') {
      log.warn('a worker is known with another secret, and keeps it', { workerId });
      return;
    }
    throw new CommandError('configuration', `The worker ${workerId} cannot be made known: ${error.message}`);
  }
}

function announce(hub: RunningHub, options: HubCommandOptions, operatorKey: OperatorKey, redactor: Redactor): void {
  const token = options.enrolmentToken === true ? hub.createEnrolmentToken() : null;
  if (token !== null) redactor.addSecret(token);
  if (options.json === true) {
    const keyFile = operatorKey.file;
    printJson({
      event: 'listening',
      url: hub.url,
      processId: process.pid,
      operatorKeyFile: keyFile,
      enrolmentToken: token,
    });
    return;
  }
  printLine(`Legwork hub at ${hub.url}; its API is described at ${hub.url}/openapi.json`);
  if (operatorKey.file !== null) printLine(`Operator key: in ${operatorKey.file}`);
  if (token !== null) printLine(`Connect one machine with: legwork enrol --hub ${hub.url} --token ${token}`);
  if (!isLoopbackHost(options.host)) {
    printLine('It speaks plain HTTP: agents elsewhere accept it only behind a proxy with TLS.');
  }
}

function untilStopped(hub: RunningHub, log: ClosableLog): Promise<ExitName> {
  return new Promise((resolve, reject) => {
    const stopListening = listenForStop({
      onStop: (reason) => {
        log.info('asked to stop', { reason });
        hub.close().then(() => {
          stopListening();
          resolve('ok');
          return undefined;
        }, reject);
      },
      // The database is in order after any end, so there is nothing to wait for.
      onStopAtOnce: () => process.exit(EXIT_CODES.interrupted.code),
    });
  });
}

function workerOfEnvironment(environment: NodeJS.ProcessEnv): WorkerCredentials[] {
  const { WORKER_ID: workerId = '', LOCALBROWSER_SECRET: secret = '' } = environment;
  if (workerId === '' && secret === '') return [];
  if (workerId === '' || secret === '') {
    throw new CommandError('configuration', 'WORKER_ID and LOCALBROWSER_SECRET must be set together, or neither.');
  }
  return [{ workerId, secret }];
}

function worker(text: string, previous: WorkerCredentials[]): WorkerCredentials[] {
  const colon = text.indexOf(':');
  if (colon < 1 || text.length - colon - 1 < 16) {
    throw new InvalidArgumentError('It must be an id, a colon, and a secret of at least 16 characters.');
  }
  return [...previous, { workerId: text.slice(0, colon), secret: text.slice(colon + 1) }];
}

function wholeNumber(minimum: number, maximum: number): (text: string) => number {
  return (text) => {
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw new InvalidArgumentError(`It must be a whole number from ${minimum} to ${maximum}.`);
  };
}

function logLevel(text: string): AgentConfig['logLevel'] {
  const parsed = configSchema.shape.logLevel.safeParse(text);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError('It must be one of debug, info, warn, error.');
}
