/** One execution of a task: the task, and the number of the execution. */
export interface AttemptKey {
  taskId: string;
  number: number;
}

/** The name of an attempt outside the store: `<task>.<number>`. Unique, since the task's id is. */
export function formatAttemptId(key: AttemptKey): string {
  return `${key.taskId}.${key.number}`;
}

/** The attempt that a name stands for, or null when it is no such name. */
export function parseAttemptId(attemptId: string): AttemptKey | null {
  const match = /^(.+)\.([1-9]\d{0,8})$/.exec(attemptId);
  return match?.[1] === undefined ? null : { taskId: match[1], number: Number(match[2]) };
}
