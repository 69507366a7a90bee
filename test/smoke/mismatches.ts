/**
 * What a value should be like, in as many words as matter: an object names the fields to look at, an array its first
 * items, a regular expression what a text holds, a function what must be true of it; all else must be equal.
 */
export type Expectation =
  | string
  | number
  | boolean
  | null
  | RegExp
  | ((value: never) => boolean)
  | readonly Expectation[]
  | { readonly [field: string]: Expectation };

/** Every place at which the value is not as expected, each as a sentence; none when all of it is. */
export function mismatches(actual: unknown, expected: Expectation, path = 'result'): string[] {
  if (typeof expected === 'function') {
    return expected(actual as never) ? [] : [`${path} is ${show(actual)}, which ${String(expected)} does not accept`];
  }
  if (expected instanceof RegExp) {
    return typeof actual === 'string' && expected.test(actual)
      ? []
      : [`${path} is ${show(actual)}, which does not fit ${String(expected)}`];
  }
  if (typeof expected !== 'object' || expected === null) {
    return Object.is(actual, expected) ? [] : [`${path} is ${show(actual)} instead of ${show(expected)}`];
  }
  if (typeof actual !== 'object' || actual === null) return [`${path} is ${show(actual)} instead of an object`];
  return Object.entries(expected).flatMap(([name, inner]: [string, Expectation]) =>
    mismatches((actual as Record<string, unknown>)[name], inner, `${path}.${name}`),
  );
}

function show(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 200);
}

/** A number from `least` to `most`. */
export function between(least: number, most: number): (value: number) => boolean {
  const check = (value: number): boolean => typeof value === 'number' && value >= least && value <= most;
  check.toString = (): string => `${least} to ${most}`;
  return check;
}

/** Whether the value is a finite number above zero. */
export function isPositive(value: number): boolean {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
