import { relative, resolve } from 'node:path';
import { Command } from 'commander';
import type { DemoOutcome } from '../demo/collect-results.ts';
import { createDemoDisplay } from '../demo/demo-display.ts';
import { runDemo } from '../demo/run-demo.ts';
import { findBrowsers, programPath } from './agent-world.ts';
import { CommandError } from './command-error.ts';
import { loadCommandConfig } from './config-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { formatBytes, formatDuration, formatTable, printJson, printLine } from './output.ts';
import { listenForStop } from './stop-signals.ts';

/** `legwork demo`: the main job on this machine, from nothing to results. */
export function demoCommand(): Command {
  return new Command('demo')
    .argument('[url...]', 'Pages to visit. Default: a sample site that comes with Legwork.')
    .option('--results <folder>', 'Where the results are saved; replaced by the next demo.', 'legwork-demo-results')
    .option('--json', 'Print the outcomes as one JSON object, and no progress.')
    .addHelpText(
      'after',
      `
Starts a hub and an agent on this machine alone, in a temporary folder, gives the hub about a dozen website_html jobs and
two lighthouse_html jobs, and reads the results back. Ctrl-C ends it and leaves nothing behind. Ends with 10 when a job
did not come to the outcome it should have.

Examples:
  legwork demo
  legwork demo https://example.org https://example.org/about`,
    )
    .action(async (urls: string[], options: { results: string; json?: boolean }) => {
      urls.forEach(checkUrl);
      await requireChromium();
      const isJson = options.json === true;
      const resultsFolder = resolve(options.results);
      const outcomes = await runInterruptibly(urls, resultsFolder, isJson);
      if (isJson) printJson({ resultsFolder, outcomes: outcomes.map(toJson) });
      else printLine(formatOutcomes(outcomes, resultsFolder));
      const exit = outcomes.every(({ isAsExpected }) => isAsExpected) ? 'ok' : 'jobFailed';
      process.exitCode = EXIT_CODES[exit].code;
    });
}

function checkUrl(text: string): void {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url !== null && (url.protocol === 'http:' || url.protocol === 'https:')) return;
  throw new CommandError('usage', `${JSON.stringify(text)} is not an http(s) address such as https://example.org.`);
}

async function requireChromium(): Promise<void> {
  const { config } = await loadCommandConfig({});
  const browsers = await findBrowsers(config);
  if (browsers.some(({ kind }) => kind === 'chromium')) return;
  throw new CommandError('browserMissing', 'No Chromium was found; `legwork doctor` names the command that gets one.');
}

async function runInterruptibly(
  urls: readonly string[],
  resultsFolder: string,
  isJson: boolean,
): Promise<DemoOutcome[]> {
  const interruption = new AbortController();
  const stopListening = listenForStop({
    onStop: () => {
      process.stderr.write('\nstopping …\n');
      interruption.abort(new CommandError('interrupted', 'Interrupted; nothing is left behind.'));
    },
    // Taking down goes on, since it is what keeps processes from staying behind.
    onStopAtOnce: () => undefined,
  });
  const write = isJson ? () => undefined : (text: string) => void process.stdout.write(text);
  try {
    return await runDemo({
      urls,
      resultsFolder,
      programPath: programPath(),
      display: createDemoDisplay({
        isTerminal: process.stdout.isTTY,
        // A terminal that does not know its width says 0.
        columns: () => process.stdout.columns || 80,
        write,
        nowMs: () => performance.now(),
      }),
      tell: (line) => write(`${line}\n`),
      signal: interruption.signal,
    });
  } catch (error) {
    // Whatever broke off because of the interruption is not the reason.
    throw interruption.signal.aborted ? interruption.signal.reason : error;
  } finally {
    stopListening();
  }
}

function toJson({ job, outcome, isAsExpected, durationMs, sizeBytes, folder }: DemoOutcome): unknown {
  return { type: job.type, url: job.payload.url, outcome, isAsExpected, durationMs, sizeBytes, folder };
}

/** Relative to the folder that the user is in, where that is shorter to read. */
function shortPath(path: string): string {
  const fromHere = relative(process.cwd(), path);
  return fromHere === '' || fromHere.startsWith('..') ? path : fromHere;
}

function formatOutcomes(outcomes: readonly DemoOutcome[], resultsFolder: string): string {
  const header = ['', 'task', 'page', 'outcome', 'time', 'bytes', 'result'];
  const rows = outcomes.map(({ job, outcome, isAsExpected, durationMs, sizeBytes, folder }) => [
    isAsExpected ? '✓' : '✗',
    job.type,
    job.title,
    outcome,
    durationMs === null ? '' : formatDuration(durationMs),
    sizeBytes === 0 ? '' : formatBytes(sizeBytes),
    folder === null ? '' : shortPath(folder),
  ]);
  const wrong = outcomes.filter(({ isAsExpected }) => !isAsExpected).length;
  const summary =
    wrong === 0 ? `All ${outcomes.length} jobs came to what they should.` : `${wrong} of ${outcomes.length} did not.`;
  return `\n${formatTable([header, ...rows], new Set([4, 5]))}\n\n${summary} Results: ${resultsFolder}`;
}
