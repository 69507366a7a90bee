import type { TaskHostSettings } from '../../protocol/task-host-messages.ts';

/** How much of a task host's standard error is kept to explain its end. */
export const KEPT_OUTPUT_CHARACTERS = 4_000;

/** Names of pages are looked up in the threads that files are written by; Node's four would make one wait for the other. */
const THREADS = '16';

/** Environment of the task host: what Chromium and Node need, and none of the agent's own settings and secrets. */
export function taskHostEnvironment(settings: TaskHostSettings): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(
    ([name]) => !/^(LEGWORK_|LOCALBROWSER_|LARAVEL_|WORKER_ID$|HMAC_DEBUG$|ENABLE_TASK_PROCESSOR$)/.test(name),
  );
  return { UV_THREADPOOL_SIZE: THREADS, ...Object.fromEntries(kept), LEGWORK_TASK_HOST: JSON.stringify(settings) };
}
