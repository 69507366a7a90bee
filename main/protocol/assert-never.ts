/**
 * Marks the branch of a `switch` that cannot be reached, so that a new case fails to compile until it is handled.
 * @throws Error always, when a value arrives that the types rule out
 */
export function assertNever(value: never, what = 'value'): never {
  throw new Error(`Unexpected ${what}: ${JSON.stringify(value)}`);
}
