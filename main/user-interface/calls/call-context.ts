import type { RecentLines } from '../../agent/log/recent-lines.ts';
import type { Clock, Log } from '../../protocol/ports.ts';
import type { Agent } from '../../agent/agent.ts';
import type { AgentKeeper } from '../keeper-port.ts';
import type { HistoryDoor } from '../open-history.ts';
import type { ShellPort } from '../shell-port.ts';
import type { SnapshotFeed } from '../snapshot/snapshot-feed.ts';
import { UserInterfaceError } from '../user-interface-error.ts';
import type { StageTimes } from './stage-times.ts';

/** What the answers to calls are made from. */
export interface CallContext {
  readonly keeper: AgentKeeper;
  readonly shell: ShellPort;
  readonly history: HistoryDoor;
  readonly feed: SnapshotFeed;
  readonly lines: RecentLines;
  readonly stages: StageTimes;
  readonly clock: Clock;
  readonly log: Log;
  /** The doctor's results as JSON can carry them; null where there is none. */
  readonly doctor: (() => Promise<unknown>) | null;
}

/** @throws UserInterfaceError `not_running` */
export function requireAgent({ keeper }: CallContext): Agent {
  if (keeper.agent === null || keeper.agent.activity === 'stopped')
    throw new UserInterfaceError('not_running', 'Legwork is not running at the moment.');
  return keeper.agent;
}
