import { app } from 'electron';
import { describeError } from '../protocol/describe-error.ts';
import type { Log } from '../protocol/ports.ts';

/** Writes down what nobody has caught. The agent may then be in a state that nobody knows, so that it is started anew. */
export function logWhatGoesWrong(log: Log, onFailure: (error: unknown) => void): void {
  process.on('uncaughtException', (error) => {
    log.error('unexpected exception', { problem: describeError(error), stack: error.stack });
    onFailure(error);
  });
  process.on('unhandledRejection', (reason) => {
    const stack = reason instanceof Error ? reason.stack : undefined;
    log.error('unhandled rejection', { problem: describeError(reason), stack });
    onFailure(reason);
  });
  app.on('child-process-gone', (_event, { type, reason, exitCode, serviceName }) => {
    if (reason === 'clean-exit' || reason === 'killed') return;
    log.warn('a process of the app ended', { type, reason, exitCode, service: serviceName });
  });
}
