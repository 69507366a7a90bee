import { parseArgs } from 'node:util';

export interface BenchContext {
  /** A short run with coarse figures. */
  quick: boolean;
  /** Undoes something when the benchmark ends, however it ends; the last one first. Must bear being done already. */
  onEnd: (undo: () => void | Promise<void>) => void;
}

/** Runs a benchmark's program: reads `--quick`, cleans up at the end and on Ctrl-C, sets the exit code. */
export async function runBench(body: (context: BenchContext) => Promise<void>): Promise<void> {
  const undos: (() => void | Promise<void>)[] = [];
  const cleanUp = async (): Promise<void> => {
    for (let undo = undos.pop(); undo !== undefined; undo = undos.pop()) {
      try {
        await undo();
      } catch (error) {
        console.error(`While cleaning up: ${String(error)}`);
      }
    }
  };
  let interrupted = false;
  const interrupt = (): void => {
    if (interrupted) return;
    interrupted = true;
    void cleanUp().finally(() => process.exit(130));
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false } } });
    await body({ quick: values.quick, onEnd: (undo) => undos.push(undo) });
  } catch (error) {
    if (!interrupted) {
      console.error(error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exitCode = 1;
    }
  }
  if (!interrupted) await cleanUp();
  process.off('SIGINT', interrupt);
  process.off('SIGTERM', interrupt);
}
