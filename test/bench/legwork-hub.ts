import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ChildProgram } from './child-program.ts';

/** The command line program, from the sources. */
export const LEGWORK_PROGRAM = join(import.meta.dirname, '..', '..', 'main', 'cli.ts');

const START_PATIENCE_MS = 30_000;

/** A reference hub in its own process, with its data in a temporary folder. */
export interface LegworkHub {
  readonly url: string;
  readonly operatorKey: string;
  readonly processId: number;
  /** @throws Error with its last output when it has ended */
  assertRunning(): void;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The environment without settings of Legwork that somebody has made for this machine's own agent. */
export function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(LEGWORK_|LOCALBROWSER_|LARAVEL_|WORKER_ID$|HMAC_DEBUG$|ENABLE_TASK_PROCESSOR$|MAX_CONCURRENT_)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.test(name)));
}

/** Waits until `isReady` says so. @throws Error when it takes too long or the program ends */
export async function untilReady(program: ChildProgram, isReady: () => Promise<boolean>): Promise<void> {
  const untilMs = Date.now() + START_PATIENCE_MS;
  while (!(await isReady().catch(() => false))) {
    program.assertRunning();
    if (Date.now() > untilMs) throw new Error(`${program.name} was not ready within ${START_PATIENCE_MS} ms.`);
    await sleep(100);
  }
}

/** Starts `legwork hub` and waits until it answers. @throws Error with its output when it does not */
export async function startLegworkHub(): Promise<LegworkHub> {
  const folder = mkdtempSync(join(tmpdir(), 'legwork-bench-hub-'));
  const operatorKey = randomBytes(24).toString('hex');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const program = new ChildProgram(
    'The hub',
    [LEGWORK_PROGRAM, 'hub', '--data', folder, '--host', '127.0.0.1', '--port', String(port)],
    { ...cleanEnvironment(), LEGWORK_OPERATOR_KEY: operatorKey },
  );
  const stop = async (): Promise<void> => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await untilReady(program, async () => (await fetch(`${url}/health`)).ok);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, operatorKey, processId: program.processId, assertRunning: () => program.assertRunning(), stop };
}
