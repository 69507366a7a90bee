#!/usr/bin/env node
import { setUp } from './setup.mjs';
import { PROGRAMS, programNames } from './setup-programs.mjs';
import { runToEnd } from './setup-child.mjs';

/**
 * `node build/run.mjs <program> [arguments]`: what the scripts of package.json call. Runs on Node 20 with nothing
 * installed; does the set-up that the program needs, then runs it on the Node of the dev dependencies with this
 * terminal, and ends with its exit code. Plain JavaScript, since the Node that starts it may not read TypeScript.
 */
const USAGE_EXIT_CODE = 2;

async function main() {
  const [name = '', ...rest] = process.argv.slice(2);
  const program = Object.hasOwn(PROGRAMS, name) ? PROGRAMS[name] : undefined;
  if (program === undefined) {
    const wrong = name === '' ? 'Say what to run' : `There is no program ${JSON.stringify(name)}`;
    console.error(`${wrong}: node build/run.mjs <${programNames().join('|')}> [arguments]`);
    return USAGE_EXIT_CODE;
  }
  const node = await setUp(program);
  for (const command of program.commands(rest)) {
    const exitCode = await runToEnd(node, command);
    if (exitCode !== 0) {
      await program.afterwards?.();
      return exitCode;
    }
  }
  await program.afterwards?.();
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error(`legwork: ${process.env.LEGWORK_DEBUG ? error.stack : error.message}`);
  process.exitCode = 1;
}
