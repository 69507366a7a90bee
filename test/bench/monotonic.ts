/** Milliseconds on the system's monotonic clock: the same in every process of one machine, so that they compare. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
