import os from 'node:os';
import { describeError } from '../protocol/describe-error.ts';
import { systemClock } from '../protocol/ports.ts';
import { taskHostSettings, type TaskHostSettings } from '../protocol/task-host-messages.ts';
import { scheduleAsBatch } from './batch-scheduling.ts';
import { BlobFileWriter } from './blob-writer.ts';
import { BrowserPool } from './browser-pool.ts';
import { NetworkGuard } from './network-guard/guard.ts';
import { RobotsGate } from './robots/robots-gate.ts';
import { sweepProfiles } from './sweep-profiles.ts';
import { processChannel, type TaskHostChannel } from './task-host-channel.ts';
import { channelLog, TaskHost } from './task-host.ts';
import { taskDefinitions } from './tasks/registry.ts';

/** @throws Error when the environment variable is absent or not what an agent would set */
function settingsFromEnvironment(): TaskHostSettings {
  const text = process.env['LEGWORK_TASK_HOST'];
  if (text === undefined) throw new Error('The task host is started by an agent, not by hand.');
  return taskHostSettings.parse(JSON.parse(text));
}

/** The program of the task host process: builds it, runs it until the agent lets it go, and exits. */
export async function runTaskHost(channel: TaskHostChannel = processChannel()): Promise<void> {
  const log = channelLog(channel);
  // A stop is the agent's to give: a signal to the terminal's whole group must not cut running pages off.
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.on('unhandledRejection', (reason) => log.error('unhandled rejection', { problem: describeError(reason) }));
  const settings = settingsFromEnvironment();
  // The browsers inherit both.
  if (settings.backgroundPriority === true) os.setPriority(os.constants.priority.PRIORITY_BELOW_NORMAL);
  await scheduleAsBatch(log);
  // An earlier task host of this agent may have been killed.
  await sweepProfiles(settings.runFolder);
  const { allowedPrivateHosts, blockedHosts, hub, ownPorts, upstreamProxy } = settings.network;
  const guard = new NetworkGuard({ allow: allowedPrivateHosts, block: blockedHosts, hub, upstreamProxy, log });
  for (const port of ownPorts) guard.protectLocalPort(port);
  const host = new TaskHost({
    channel,
    definitions: taskDefinitions,
    browsers: new BrowserPool({ settings, log, clock: systemClock, guard }),
    guard,
    robots: new RobotsGate({ guard, clock: systemClock, userAgent: settings.userAgentSuffix || 'Legwork' }),
    robotsForPages: settings.robotsForPages ?? 'ignore',
    blobs: new BlobFileWriter(settings.blobFolder),
    log,
  });
  await host.run();
  await guard.close();
  process.exit(0);
}
