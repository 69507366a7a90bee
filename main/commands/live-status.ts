import type { z } from 'zod';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { CONTROL_CALLS } from '../agent/control-api/call-definitions.ts';
import type { healthAnswer, statusAnswer } from '../agent/control-api/messages.ts';
import { describeError } from '../protocol/describe-error.ts';
import { CommandError } from './command-error.ts';
import { openControlClient } from './control-client.ts';
import { formatDuration } from './output.ts';
import { describePause } from './pause-commands.ts';

/** What a running agent says of itself over its control API. */
export interface LiveStatus {
  status: z.output<typeof statusAnswer>;
  health: z.output<typeof healthAnswer>;
}

/**
 * Asks the running agent; null when its control API is off.
 * @param warn is told when the API is on and yet cannot be asked, which then counts as off
 */
export async function readLiveStatus(config: AgentConfig, warn: (message: string) => void): Promise<LiveStatus | null> {
  try {
    const client = await openControlClient(config);
    if (client === null) return null;
    return {
      status: await client.call(CONTROL_CALLS.status, undefined),
      health: await client.call(CONTROL_CALLS.health, undefined),
    };
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    warn(`the agent could not be asked: ${describeError(error)}`);
    return null;
  }
}

/** Rows for a table: what it does, and what is wrong with it. */
export function liveStatusRows({ status, health }: LiveStatus, nowMs: number): string[][] {
  const { activity, running, concurrency, limits, hub, slowSites } = status;
  const busy = `${running.length} of ${concurrency.now} at once`;
  const held = concurrency.now < concurrency.max ? ` (of ${concurrency.max}: ${concurrency.reason ?? 'limited'})` : '';
  return [
    ['does', `${activity}, ${busy}${held}`],
    ...(status.pausedBy.length > 0 ? [['pause', describePause(status)]] : []),
    ...limits.reasons.map((reason) => ['limit', reason]),
    ['health', health.healthy ? 'well' : health.problems.map(({ message }) => message).join(' ')],
    ...(hub === null ? [] : [['link', hub.reason === null ? hub.state : `${hub.state}: ${hub.reason}`]]),
    ...running.map(({ type, url, startedAtMs, progress }) => [
      '  running',
      `${url} (${type}, ${formatDuration(Math.max(0, nowMs - startedAtMs))}, ${progress.stage})`,
    ]),
    ...slowSites.map(({ site, untilMs }) => [
      '  slow site',
      `${site} is left alone for ${formatDuration(Math.max(0, untilMs - nowMs))}`,
    ]),
  ];
}
