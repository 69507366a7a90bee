import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseInlineBlobs } from '../../../main/agent/outbox/choose-inline-blobs.ts';

const sized = (...sizes: number[]) =>
  sizes.map((sizeBytes, index) => ({
    name: `part-${index}`,
    sha256: 'a'.repeat(64),
    sizeBytes,
    contentType: 'text/html',
  }));

const sumOf = (blobs: Iterable<{ sizeBytes: number }>): number =>
  [...blobs].reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

describe('the parts that travel within a result', () => {
  it('are the smallest ones, as many as fit', () => {
    const blobs = sized(40, 10, 500, 50);
    expect([...chooseInlineBlobs(blobs, 100)].map(({ sizeBytes }) => sizeBytes)).toEqual([10, 40, 50]);
    expect(chooseInlineBlobs(blobs, 9).size).toBe(0);
    expect(chooseInlineBlobs(blobs, 0).size).toBe(0);
  });

  it('stay within what the hub takes and what is sensible, whatever a hub says, and leave out none that fits', () => {
    const sizes = fc.array(fc.integer({ min: 0, max: 2_000_000 }), { maxLength: 100 });
    fc.assert(
      fc.property(sizes, fc.maxSafeNat(), (list, maxBytes) => {
        const blobs = sized(...list);
        const chosen = chooseInlineBlobs(blobs, maxBytes);
        const limit = Math.min(maxBytes, 1024 * 1024);
        const usedBytes = sumOf(chosen);
        expect(usedBytes).toBeLessThanOrEqual(limit);
        for (const blob of blobs) if (!chosen.has(blob)) expect(usedBytes + blob.sizeBytes).toBeGreaterThan(limit);
      }),
    );
  });
});
