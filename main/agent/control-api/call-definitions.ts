import type { z } from 'zod';
import * as messages from './messages.ts';

/** What a call of the control API takes and gives. */
export interface CallDefinition<Body extends z.ZodType = z.ZodType, Answer extends z.ZodType = z.ZodType> {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** What it does, in a sentence. */
  readonly summary: string;
  readonly body: Body;
  readonly answer: Answer;
}

function define<Body extends z.ZodType, Answer extends z.ZodType>(
  method: 'GET' | 'POST',
  path: string,
  summary: string,
  messagesOfCall: { body: Body; answer: Answer },
): CallDefinition<Body, Answer> {
  return { method, path, summary, ...messagesOfCall };
}

const { noBody } = messages;

/** Every signed call. `GET /metrics` is beside them: it has a token instead of a signature. */
export const CONTROL_CALLS = {
  queueStats: define('GET', '/internal/queue/stats', 'How many tasks there are, by status and type.', {
    body: noBody,
    answer: messages.queueStatsAnswer,
  }),
  enqueue: define('POST', '/internal/queue/enqueue', 'Gives the agent tasks of this machine: all of them, or none.', {
    body: messages.enqueueBody,
    answer: messages.enqueueAnswer,
  }),
  cleanup: define(
    'POST',
    '/internal/queue/cleanup',
    'Removes what is older than the settings keep, now instead of at the next round.',
    { body: noBody, answer: messages.cleanupAnswer },
  ),
  resetStuck: define(
    'POST',
    '/internal/queue/reset-stuck',
    'Takes back tasks that are marked as running although nobody executes them.',
    { body: noBody, answer: messages.resetStuckAnswer },
  ),
  health: define(
    'GET',
    '/internal/worker/health',
    'Whether the agent is well, and if not, what is wrong. The status is 200 in both cases.',
    { body: noBody, answer: messages.healthAnswer },
  ),
  workerStats: define('GET', '/internal/worker/stats', 'What this start has done, and what this month has cost.', {
    body: noBody,
    answer: messages.workerStatsAnswer,
  }),
  status: define('GET', '/internal/worker/status', 'What the agent is doing now.', {
    body: noBody,
    answer: messages.statusAnswer,
  }),
  pause: define(
    'POST',
    '/internal/worker/pause',
    'Starts nothing new; what runs goes on, what waits goes back to the hub. It outlives a restart.',
    { body: messages.pauseBody, answer: messages.pauseAnswer },
  ),
  resume: define('POST', '/internal/worker/resume', "Lifts the host's pause. One of the hub's operator stays.", {
    body: noBody,
    answer: messages.pauseAnswer,
  }),
} as const;
