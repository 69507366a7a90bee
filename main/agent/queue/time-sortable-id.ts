import { randomFillSync } from 'node:crypto';
import type { Clock } from '../../protocol/ports.ts';

const RANDOM_BYTES_AN_ID = 8;
/** Asking the system for random bytes costs more than all the rest, so it is done for many ids at once. */
const IDS_A_FILL = 256;

/** Makes UUIDs of version 7 (RFC 9562) that sort in the order in which one source made them. */
export type IdSource = () => string;

/**
 * 48 bits of Unix milliseconds, then a 12-bit counter within the millisecond (RFC 9562, 6.2, method 1), then 62 random
 * bits. When the counter is full, or the clock goes back, the source goes on from the last time it used.
 */
export function createIdSource(clock: Clock): IdSource {
  const pool = Buffer.alloc(RANDOM_BYTES_AN_ID * IDS_A_FILL);
  let used = pool.length;
  let lastMs = 0;
  let counter = 0;
  return () => {
    const nowMs = Math.floor(clock.nowMs());
    if (nowMs > lastMs) {
      lastMs = nowMs;
      counter = 0;
    } else if (++counter > 0xfff) {
      lastMs += 1;
      counter = 0;
    }
    if (used === pool.length) {
      randomFillSync(pool);
      used = 0;
    }
    const random = pool.subarray(used, (used += RANDOM_BYTES_AN_ID));
    random[0] = ((random[0] ?? 0) & 0x3f) | 0x80;
    const time = lastMs.toString(16).padStart(12, '0');
    const end = random.toString('hex');
    return (
      `${time.slice(0, 8)}-${time.slice(8)}-7${counter.toString(16).padStart(3, '0')}-` +
      `${end.slice(0, 4)}-${end.slice(4)}`
    );
  };
}
