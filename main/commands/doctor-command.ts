import { Command } from 'commander';
import { describeError } from '../protocol/describe-error.ts';
import { openAgentWorld } from './agent-world.ts';
import { addConfigOptions, examineCommandConfig } from './config-options.ts';
import { checkBrowsers } from './doctor/check-browser.ts';
import { type CheckResult, fail, ok, warn } from './doctor/check.ts';
import { checkHub } from './doctor/check-hub.ts';
import { checkMachine } from './doctor/check-machine.ts';
import { checkNetwork } from './doctor/check-network.ts';
import { checkStore } from './doctor/check-store.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { printJson, printLine } from './output.ts';

/** `legwork doctor`: checks everything that an agent needs, and says what to do about each failure. */
export function doctorCommand(): Command {
  const command = new Command('doctor').option('--json', 'Print all results as one JSON object.');
  return addConfigOptions(command, [
    'hubUrl',
    'workerId',
    'dataFolder',
    'allowPlainHttp',
    'chromiumPath',
    'headlessShellPath',
    'allowNoSandbox',
    'allowedPrivateHosts',
    'blockedHosts',
  ])
    .addHelpText(
      'after',
      `
Checks Node, the configuration, Chromium and its headless shell (they are started), the sandbox, the data folder, the
database, the disk, what pages may reach and the proxy on the way, what the host's limits can see of this machine and whether
they let work start, and the hub: whether it answers, the clocks agree, and it accepts this machine's signature. Ends with
0 when no check failed (warnings are allowed), else with 1. Changes nothing, and does not disturb a running agent.

Examples:
  legwork doctor
  legwork doctor --json | jq '.checks[] | select(.status != "ok")'`,
    )
    .action(async (options: Record<string, unknown>) => {
      const isJson = options['json'] === true;
      const results: CheckResult[] = [];
      for await (const result of runChecks(options)) {
        results.push(result);
        if (!isJson) printLine(formatResult(result));
      }
      const failed = results.filter(({ status }) => status === 'fail').length;
      const warned = results.filter(({ status }) => status === 'warn').length;
      if (isJson) printJson({ ok: failed === 0, failed, warned, checks: results });
      else
        printLine(failed === 0 ? `\nReady to work (${warned} warnings).` : `\n${failed} of ${results.length} failed.`);
      process.exitCode = failed === 0 ? EXIT_CODES.ok.code : EXIT_CODES.failure.code;
    });
}

/** The results one by one, as they come: starting browsers takes seconds. */
async function* runChecks(options: Record<string, unknown>): AsyncGenerator<CheckResult> {
  yield ok('node', `Node ${process.versions.node} on ${process.platform} ${process.arch}.`);
  const { config, warnings, problems } = await examineCommandConfig(options);
  yield checkConfiguration(problems, warnings);
  yield* await guarded('chromium', () => checkBrowsers(config));
  yield* await guarded('data folder', () => checkStore(config));
  yield* await guarded('network guard', () => checkNetwork(config));
  yield* await guarded('machine', () => checkMachine(config));
  yield* await guarded('secret', async () => {
    const secretWarnings: string[] = [];
    const { credentials } = await openAgentWorld(config, (message) => secretWarnings.push(message));
    return [
      ...secretWarnings.map((message) => warn('secret', message, 'See the message.')),
      ...(await checkHub(config.hubUrl, credentials)),
    ];
  });
}

function checkConfiguration(problems: readonly string[], warnings: readonly string[]): CheckResult {
  if (problems.length > 0) {
    return fail('configuration', problems.join(' '), 'Correct it; the checks below are with the default instead.');
  }
  return warnings.length === 0
    ? ok('configuration', 'Every setting is as it should be.')
    : warn('configuration', warnings.join(' '), 'See `legwork agent --print-config`.');
}

/** A check that breaks off is a failed one: what the others find is then needed all the more. */
async function guarded(name: string, check: () => Promise<CheckResult[]>): Promise<CheckResult[]> {
  try {
    return await check();
  } catch (error) {
    return [fail(name, describeError(error), 'See the message.')];
  }
}

const SIGN: Readonly<Record<CheckResult['status'], string>> = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' };

function formatResult({ name, status, detail, advice }: CheckResult): string {
  const line = `${SIGN[status]}  ${name.padEnd(14)}  ${detail}`;
  return advice === '' ? line : `${line}\n${' '.repeat(22)}→ ${advice}`;
}
