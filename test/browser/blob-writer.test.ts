import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { BlobFileWriter } from '../../main/browser/blob-writer.ts';
import { toLegworkError } from '../../main/protocol/error-table.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-'));
});

afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true });
});

function filesIn(path: string): string[] {
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);
}

describe('a blob', () => {
  test('is kept under its hash, as text in UTF-8 and as bytes', async () => {
    const blobs = new BlobFileWriter(join(folder, 'not', 'there'));
    const reference = await blobs.write('page.html', 'Zoë', 'text/html');
    const sha256 = createHash('sha256').update('Zoë').digest('hex');
    expect(reference).toEqual({ name: 'page.html', sha256, sizeBytes: 4, contentType: 'text/html' });
    expect(readFileSync(join(folder, 'not', 'there', sha256.slice(0, 2), sha256), 'utf8')).toBe('Zoë');
    expect((await blobs.write('b', Buffer.from('Zoë'), 'x')).sha256).toBe(sha256);
  });

  test('of several megabytes is whole', async () => {
    const content = Buffer.alloc(5_000_001, 'abcdefg');
    const { sha256 } = await new BlobFileWriter(folder).write('large', content, 'x');
    expect(readFileSync(join(folder, sha256.slice(0, 2), sha256)).equals(content)).toBe(true);
  });

  test('written ten times at once is one file, with no temporary file beside it', async () => {
    const blobs = new BlobFileWriter(folder);
    await Promise.all(Array.from({ length: 10 }, () => blobs.write('same', 'same content', 'x')));
    expect(filesIn(folder)).toHaveLength(1);
  });

  test('is written again where somebody has removed its folder', async () => {
    const blobs = new BlobFileWriter(folder);
    const { sha256 } = await blobs.write('a', 'content', 'x');
    rmSync(join(folder, sha256.slice(0, 2)), { recursive: true });
    await blobs.write('a', 'content', 'x');
    expect(filesIn(folder)).toEqual([sha256]);
  });
});

describe('a folder that cannot be written to', () => {
  test('fails as internal and leaves nothing', async () => {
    writeFileSync(join(folder, 'file'), '');
    const failing = new BlobFileWriter(join(folder, 'file')).write('a', 'content', 'x');
    expect(toLegworkError(await failing.catch((error: unknown) => error)).code).toBe('internal');
    expect(filesIn(folder)).toEqual(['file']);
  });

  test.skipIf(!mayMount())('a full disk is told apart, and what fits after that is kept', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', folder]);
    try {
      const blobs = new BlobFileWriter(folder);
      const failing = blobs.write('page.html', Buffer.alloc(1_000_000), 'x');
      const error = toLegworkError(await failing.catch((thrown: unknown) => thrown));
      expect(error).toMatchObject({ code: 'disk_full', detail: 'page.html has 1000000 bytes.' });
      expect(filesIn(folder)).toEqual([]);
      await blobs.write('small', 'fits', 'x');
      expect(filesIn(folder)).toHaveLength(1);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

/** Only root may mount, and not in every container. */
function mayMount(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const place = mkdtempSync(join(tmpdir(), 'legwork-mount-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'tmpfs', place], { stdio: 'ignore' });
    execFileSync('umount', [place]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(place, { recursive: true });
  }
}
