import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** Longest that hub or agent may take to stop in order. */
const STOP_PATIENCE_MS = 20_000;
const KEPT_OUTPUT_CHARACTERS = 4_000;

/** A program that runs beside the benchmark; its last output is kept for the message of a failure. */
export class ChildProgram {
  readonly name: string;
  readonly #child: ChildProcess;
  #lastOutput = '';

  /** @param programArguments of Node: the program's file and its arguments */
  constructor(name: string, programArguments: readonly string[], environment: NodeJS.ProcessEnv) {
    this.name = name;
    this.#child = spawn(process.execPath, [...programArguments], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // Its own group: on Ctrl-C the benchmark stops it in order.
      detached: true,
      env: environment,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding('utf8');
      stream?.on('data', (text: string) => {
        this.#lastOutput = (this.#lastOutput + text).slice(-KEPT_OUTPUT_CHARACTERS);
      });
    }
  }

  get processId(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws Error with its last output when it has ended */
  assertRunning(): void {
    if (!this.#hasEnded()) return;
    throw new Error(`${this.name} ended with code ${this.#child.exitCode}:\n${this.#lastOutput}`);
  }

  /** SIGTERM, and SIGKILL when that takes too long. */
  async stop(): Promise<void> {
    if (this.#hasEnded()) return;
    const exited = once(this.#child, 'exit');
    const patience = setTimeout(() => {
      console.error(`${this.name} did not stop in time and is killed. Its last output:\n${this.#lastOutput}`);
      this.#child.kill('SIGKILL');
    }, STOP_PATIENCE_MS);
    this.#child.kill('SIGTERM');
    await exited;
    clearTimeout(patience);
  }

  #hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }
}
