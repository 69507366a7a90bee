/** A line for each name that is no task type: by a slip, what the host wants off would stay on. */
export function taskTypeProblems(names: readonly string[], known: readonly string[]): string[] {
  return names
    .filter((name) => !known.includes(name))
    .map((name) => `disabledTaskTypes: there is no task type ${name}; known are ${known.join(', ')}.`);
}
