import type { Activity, TrayState } from '../../../preload/contract.ts';
import { assertNever } from '../../protocol/assert-never.ts';
import type { Problem, SnapshotInputs } from './snapshot-inputs.ts';

/** What the agent is doing, as people are told. Pure. */
export function activityOf({ phase, failure, agent }: SnapshotInputs): Activity {
  switch (phase) {
    case 'starting':
      return 'starting';
    case 'restarting':
      return agent === null ? 'starting' : 'draining';
    case 'stopping':
      return agent === null ? 'stopped' : 'draining';
    case 'stopped':
      return 'stopped';
    case 'failed':
      return failure?.code === 'crashed' && failure.retryAtMs !== null ? 'crashed' : 'stopped';
    case 'running':
      if (agent === null) return 'starting';
      if (agent.activity === 'idle' && !agent.limits.mayWork) return 'limited';
      return agent.activity;
    default:
      return assertNever(phase, 'phase of the keeper');
  }
}

/** Which icon the tray shows. Pure. */
export function trayStateOf(
  { agent, hub }: SnapshotInputs,
  activity: Activity,
  problems: readonly Problem[],
): TrayState {
  if (problems.some(({ severity }) => severity === 'attention')) return 'attention';
  if (activity === 'paused' || activity === 'limited' || activity === 'stopped') return 'paused';
  if ((agent?.running.length ?? 0) > 0) return 'working';
  return hub !== null && agent?.link.state === 'offline' ? 'offline' : 'idle';
}
