import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { writeWhole } from '../../main/desktop/shell/write-whole.ts';

describe('a file that a person saves', () => {
  function folder(): string {
    const path = mkdtempSync(join(tmpdir(), 'legwork-save-'));
    onTestFinished(() => rmSync(path, { recursive: true, force: true }));
    return path;
  }

  it('takes the place of an older one', async () => {
    const file = join(folder(), 'history.csv');
    writeFileSync(file, 'old');
    await writeWhole(file, (path) => writeFile(path, 'new'));
    expect(readFileSync(file, 'utf8')).toBe('new');
  });

  it('leaves the older one as it was, and nothing half done, when it cannot be written to its end', async () => {
    const place = folder();
    const file = join(place, 'history.csv');
    writeFileSync(file, 'old');
    const write = async (path: string): Promise<void> => {
      await writeFile(path, 'half');
      throw new Error('The disk is full.');
    };
    await expect(writeWhole(file, write)).rejects.toThrow('The disk is full.');
    expect(readFileSync(file, 'utf8')).toBe('old');
    expect(readdirSync(place)).toEqual(['history.csv']);
  });
});
