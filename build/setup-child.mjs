import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { PROJECT_FOLDER } from './setup-paths.mjs';

/** The environment of what is started here: `node` and the tools are those of the project. */
function projectEnvironment() {
  const pathName = Object.keys(process.env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH';
  const binFolder = join(PROJECT_FOLDER, 'node_modules', '.bin');
  return { ...process.env, [pathName]: [binFolder, process.env[pathName]].filter(Boolean).join(delimiter) };
}

/** Whether Ctrl-C reaches the child by itself: a terminal sends it to every process of the foreground group. */
function hasTerminal() {
  return [process.stdin, process.stdout, process.stderr].some((stream) => stream.isTTY);
}

/**
 * Runs a program to its end on this terminal and passes signals on. Resolves to its exit code; 128 + the signal's
 * number when a signal ended it.
 */
export function runToEnd(program, programArguments) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, programArguments, {
      cwd: PROJECT_FOLDER,
      stdio: 'inherit',
      env: projectEnvironment(),
    });
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    // A second interrupt would mean “at once” to the child, so a terminal's own one is not repeated.
    const handlers = signals.map((signal) => () => {
      if (signal !== 'SIGINT' || !hasTerminal()) child.kill(signal);
    });
    signals.forEach((signal, index) => process.on(signal, handlers[index]));
    const finish = () => signals.forEach((signal, index) => process.off(signal, handlers[index]));
    child.once('error', (error) => {
      finish();
      reject(new Error(`${program} could not be started: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      finish();
      resolve(code ?? 128 + (constants.signals[signal] ?? 0));
    });
  });
}

/**
 * Runs a program in silence. Resolves to its exit code and everything it printed, in order; the code is null when it
 * could not be started.
 */
export function runSilently(program, programArguments, options = {}) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(program, programArguments, {
      cwd: PROJECT_FOLDER,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...projectEnvironment(), ...options.env },
      shell: options.shell === true,
    });
    const collect = (chunk) => {
      output += chunk;
    };
    child.stdout.setEncoding('utf8').on('data', collect);
    child.stderr.setEncoding('utf8').on('data', collect);
    child.once('error', (error) => resolve({ exitCode: null, output: `${output}${error.message}\n` }));
    child.once('close', (code) => resolve({ exitCode: code ?? 1, output }));
  });
}
