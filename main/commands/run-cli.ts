import { Command, CommanderError } from 'commander';
import { printableLines } from '../agent/log/format-line.ts';
import { LEGWORK_VERSION } from '../protocol/version.ts';
import { COMMANDS } from './command-table.ts';
import { EXIT_CODES, formatExitCodes } from './exit-codes.ts';

/** The program with the chosen command in full and all others by name only. */
async function buildProgram(chosen: string | undefined): Promise<Command> {
  const program = new Command('legwork')
    .description('A desktop agent that does a server’s browser legwork: renders and audits pages with real Chromium.')
    .version(LEGWORK_VERSION, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show this help')
    .helpCommand('help [command]', 'show the help of a command')
    .showSuggestionAfterError(true)
    .addHelpText(
      'after',
      `
Examples:
  legwork demo                              see it work, with nothing set up
  legwork hub --data ./hub                  run a hub on port 4817
  legwork enrol --hub URL --token TOKEN     connect this machine to a hub
  legwork agent                             start working
  legwork doctor                            find out what is wrong

\`legwork <command> --help\` explains each command.

${formatExitCodes()}`,
    );
  for (const entry of COMMANDS) {
    const command = entry.name === chosen ? await entry.load() : new Command(entry.name);
    program.addCommand(command.description(entry.summary), { hidden: entry.hidden === true });
  }
  return program;
}

/** `exitOverride` and the way of writing errors are not inherited by commands that are added ready-made. */
function prepare(command: Command): void {
  command.exitOverride();
  command.showSuggestionAfterError(true);
  command.configureOutput({
    outputError: (text, write) => write(`legwork: ${printableLines(text.replace(/^error: /, ''))}`),
  });
  command.commands.forEach(prepare);
}

/** The command that the arguments name: the first that is no flag, or the one after `help`. */
function chosenCommand(commandArguments: readonly string[]): string | undefined {
  const words = commandArguments.filter((text) => !text.startsWith('-'));
  return words[0] === 'help' ? words[1] : words[0];
}

/**
 * Whoever reads our output may stop reading (`legwork status | head`), be killed, or close the terminal. That is no
 * failure, and an agent that died of it would leave its task host behind. Output that is lost otherwise is a failure.
 */
function bearWithLostReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE' && error.code !== 'EIO') process.exitCode = EXIT_CODES.failure.code;
}

/**
 * Runs `legwork` with the arguments after its name, and sets the exit code of the process. Never throws, and never
 * prints a stack unless LEGWORK_DEBUG is set.
 */
export async function runCli(commandArguments: readonly string[]): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', bearWithLostReader);
  try {
    const program = await buildProgram(chosenCommand(commandArguments));
    prepare(program);
    if (commandArguments.length === 0) {
      program.outputHelp({ error: true });
      process.exitCode = EXIT_CODES.usage.code;
      return;
    }
    await program.parseAsync([...commandArguments], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code;
      return;
    }
    const { describeFailure } = await import('./describe-failure.ts');
    const { lines, exitCode } = describeFailure(error, Boolean(process.env['LEGWORK_DEBUG']));
    for (const line of lines) process.stderr.write(`legwork: ${printableLines(line)}\n`);
    process.exitCode = exitCode;
  }
}
