#!/usr/bin/env node
/** The entry point: refuses a Node that could not run the rest, before anything of the rest is loaded. */
const OLDEST_NODE = [22, 15] as const;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  process.stderr.write(
    `legwork: Node ${process.versions.node} is too old; Legwork needs Node ${OLDEST_NODE.join('.')} or newer. ` +
      'In a clone, `npm run legwork -- …` runs it on a Node that fits.\n',
  );
  process.exitCode = 3;
} else {
  const { runCli } = await import('./commands/run-cli.ts');
  await runCli(process.argv.slice(2));
}
