import type { Clock } from '../protocol/ports.ts';
import type { AgentEvent } from './agent-events.ts';
import type { ExecutorListener } from './executor/executor.ts';

/** Turns what the executor tells into the agent's events. */
export function attemptEvents(
  clock: Clock,
  agent: {
    emit: (event: AgentEvent) => void;
    /** An attempt is recorded; with whether its task is the hub's. */
    onRecorded: (isHubs: boolean) => void;
    onRoom: () => void;
    onStoreFailure: (error: unknown) => void;
  },
): ExecutorListener {
  return {
    onStarted: ({ task, attemptId, attemptNumber }) => {
      const { id: taskId, type, url } = task;
      agent.emit({ kind: 'started', taskId, attemptId, type, url, attempt: attemptNumber });
    },
    onProgress: ({ task, attemptId, progress }) =>
      agent.emit({ kind: 'progress', taskId: task.id, attemptId, progress }),
    onFinished: ({ task, attemptId, startedAtMs }, outcome) => {
      const { id: taskId, type, url } = task;
      const durationMs = Math.max(0, clock.nowMs() - startedAtMs);
      agent.onRecorded(task.origin === 'hub');
      agent.emit({ kind: 'finished', taskId, attemptId, type, url, outcome, durationMs });
    },
    onRoom: agent.onRoom,
    onStoreFailure: agent.onStoreFailure,
  };
}
