import { expect, it } from 'vitest';
import { formatBytes } from '../../../renderer/format/bytes.ts';

it.each([
  [0, '0 B'],
  [999, '999 B'],
  [999.5, '1.0 kB'],
  [4_210, '4.2 kB'],
  [48_200_000, '48.2 MB'],
  [999_499_999, '999 MB'],
  [999_500_000, '1.00 GB'],
  [1_300_000_000, '1.30 GB'],
  [182_000_000_000, '182 GB'],
  [5e15, '5000 TB'],
])('%d bytes are %s', (bytes, text) => {
  expect(formatBytes(bytes)).toBe(text);
});
