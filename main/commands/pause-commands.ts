import { Command, InvalidArgumentError } from 'commander';
import type { z } from 'zod';
import { CONTROL_CALLS } from '../agent/control-api/call-definitions.ts';
import type { pauseAnswer } from '../agent/control-api/messages.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions, loadCommandConfig } from './config-options.ts';
import { type ControlClient, requireControlClient } from './control-client.ts';
import { printJson, printLine } from './output.ts';

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 366 * 86_400_000;

/** `90s`, `30m`, `1h`, `1h30m`, `2d` in milliseconds. @throws InvalidArgumentError */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d{1,6})(min|[smhd])/g)];
  const totalMs = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS_MS[unit ?? ''] ?? 0), 0);
  const isWhole = parts.map(([part]) => part).join('') === text;
  if (!isWhole || totalMs === 0 || totalMs > LONGEST_MS) {
    throw new InvalidArgumentError('It must be a duration such as 30m, 1h or 1h30m.');
  }
  return totalMs;
}

/** A time of day (`18:00`, the next one), or a date and time (ISO 8601), as Unix milliseconds. @throws InvalidArgumentError */
export function parseMoment(text: string, nowMs: number): number {
  const timeOfDay = /^(\d{1,2}):(\d{2})$/.exec(text);
  if (timeOfDay !== null) {
    const [, hours, minutes] = timeOfDay.map(Number);
    const moment = new Date(nowMs);
    moment.setHours(hours ?? 0, minutes ?? 0, 0, 0);
    if ((hours ?? 0) > 23 || (minutes ?? 0) > 59) throw new InvalidArgumentError('It is no time of day.');
    if (moment.getTime() <= nowMs) moment.setDate(moment.getDate() + 1);
    return moment.getTime();
  }
  const momentMs = /^\d{4}-\d{2}-\d{2}(T|$)/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(momentMs)) throw new InvalidArgumentError('It must be a time such as 18:00 or 2026-12-24T18:00.');
  if (momentMs <= nowMs) throw new InvalidArgumentError('It is in the past.');
  return momentMs;
}

/** `legwork pause`: the agent of this machine starts nothing new. */
export function pauseCommand(): Command {
  const command = new Command('pause')
    .option('--for <duration>', 'It ends by itself after this: 30m, 1h, 2d.', parseDuration)
    .option('--until <time>', 'It ends by itself then: 18:00, 2026-12-24T18:00.', (text) =>
      parseMoment(text, Date.now()),
    )
    .option('--note <text>', 'Why; shown to whoever looks at the agent.')
    .option('--json', 'Print what the agent answers as JSON.');
  return addConfigOptions(command, ['dataFolder', 'controlPort'])
    .addHelpText(
      'after',
      `
What runs goes on; what waits goes back to the hub. Without --for or --until the pause lasts until \`legwork resume\`, also
over a restart of the agent. It needs the agent's control API (see docs/control-api.md).

Examples:
  legwork pause
  legwork pause --for 1h --note "video call"`,
    )
    .action(async (options: Record<string, unknown>) => {
      const [forMs, until] = [options['for'], options['until']];
      if (forMs !== undefined && until !== undefined) {
        throw new CommandError('usage', 'Say how long with --for, or until when with --until, not both.');
      }
      const untilMs = typeof forMs === 'number' ? Date.now() + forMs : until;
      const note = options['note'];
      const body = {
        ...(typeof untilMs === 'number' ? { untilMs } : {}),
        ...(typeof note === 'string' ? { note } : {}),
      };
      await callAndPrint(options, (client) => client.call(CONTROL_CALLS.pause, body));
    });
}

/** `legwork resume`: lifts the pause that the host has made. */
export function resumeCommand(): Command {
  const command = new Command('resume').option('--json', 'Print what the agent answers as JSON.');
  return addConfigOptions(command, ['dataFolder', 'controlPort'])
    .addHelpText(
      'after',
      `
It lifts a pause of this machine's host; one of the hub's operator stays. It needs the agent's control API (see
docs/control-api.md).

Examples:
  legwork resume
  legwork resume --json`,
    )
    .action(async (options: Record<string, unknown>) =>
      callAndPrint(options, (client) => client.call(CONTROL_CALLS.resume, undefined)),
    );
}

async function callAndPrint(
  options: Record<string, unknown>,
  call: (client: ControlClient) => Promise<z.output<typeof pauseAnswer>>,
): Promise<void> {
  const { config } = await loadCommandConfig(controlInputs(options));
  const answer = await call(await requireControlClient(config));
  if (options['json'] === true) printJson(answer);
  else printLine(describePause(answer));
}

/** The options that say which agent is meant. */
export function controlInputs(options: Record<string, unknown>): Record<string, unknown> {
  return { data: options['data'], config: options['config'], controlPort: options['controlPort'] };
}

/** A pause in a line. */
export function describePause({ activity, pausedBy, pausedUntilMs }: z.output<typeof pauseAnswer>): string {
  if (pausedBy.length === 0) return `The agent is not paused; it is ${activity}.`;
  const who = pausedBy.map((by) => (by === 'host' ? 'on this machine' : "by the hub's operator")).join(' and ');
  const end = pausedUntilMs === null ? 'until it is lifted' : `until ${new Date(pausedUntilMs).toLocaleString()}`;
  return `The agent is paused ${who}, ${end}.`;
}
