/** Ends a switch that has a case for everything. @throws when it has not, after all */
export function assertNever(value: never): never {
  throw new Error(`This was not foreseen: ${JSON.stringify(value)}`);
}
