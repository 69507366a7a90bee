/**
 * Whether one version is older than another, by their first three numbers; text after them is ignored and a version
 * that cannot be read counts as 0.
 */
export function isOlderVersion(version: string, than: string): boolean {
  const [one, other] = [numbersOf(version), numbersOf(than)];
  for (let position = 0; position < 3; position += 1) {
    const difference = (one[position] ?? 0) - (other[position] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

function numbersOf(version: string): number[] {
  return (/^\d+(?:\.\d+){0,2}/.exec(version)?.[0] ?? '').split('.').map(Number);
}
