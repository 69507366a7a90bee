/** Below zero when the first is older. */
export function compareVersions(first: string, second: string): number {
  const numbers = (version: string): number[] => version.split('.').map(Number);
  const [a, b] = [numbers(first), numbers(second)];
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
