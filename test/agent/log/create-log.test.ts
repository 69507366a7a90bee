import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLog, type LogOptions } from '../../../main/agent/log/create-log.ts';
import { createRedactor } from '../../../main/agent/log/redactor.ts';
import { openRotatingFile } from '../../../main/agent/log/rotating-file.ts';

let folder: string;
let console: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-log-'));
  console = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function createTestLog(options: Partial<LogOptions> = {}): ReturnType<typeof createLog> {
  return createLog({
    folder,
    console: 'human',
    level: 'info',
    redactor: createRedactor(['the-worker-secret']),
    writeConsole: (line) => console.push(line),
    nowMs: () => Date.UTC(2026, 10, 2, 12, 0, 0),
    ...options,
  });
}

function fileLines(): Record<string, unknown>[] {
  const text = readFileSync(join(folder, 'legwork.log'), 'utf8');
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}

describe('the log', () => {
  it('writes one JSON object a line to the file and a readable line to the console', () => {
    const log = createTestLog();
    log.info('task finished', { taskId: 7, url: 'https://site.example/a b', stage: undefined });
    log.debug('not shown');
    log.close();
    expect(fileLines()).toEqual([
      {
        time: '2026-11-02T12:00:00.000Z',
        level: 'info',
        message: 'task finished',
        taskId: 7,
        url: 'https://site.example/a b',
      },
    ]);
    expect(console).toHaveLength(1);
    expect(console[0]).toMatch(
      /^\d\d:\d\d:\d\d info {2}task finished {2}taskId=7 {2}url="https:\/\/site.example\/a b"\n$/,
    );
  });

  it('lets no secret through to either side', () => {
    const log = createTestLog();
    log.error('hub said the-worker-secret is wrong', { secret: 'other-secret', note: 'Cookie: id=9' });
    log.close();
    const everything = readFileSync(join(folder, 'legwork.log'), 'utf8') + console.join('');
    expect(everything).not.toMatch(/the-worker-secret|other-secret|id=9/);
  });

  it('does not let a page write to the terminal, nor break the line', () => {
    const log = createTestLog();
    log.info('title \u001b[2J\u0007 of\na page', { title: 'x\u001b]0;owned\u0007' });
    log.close();
    // oxlint-disable-next-line no-control-regex
    expect(console.join('')).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
    expect(console.join('').split('\n')).toHaveLength(2);
    expect(fileLines()[0]?.['message']).toBe('title \u001b[2J\u0007 of\na page');
  });

  it('keeps its own fields when a caller uses their names', () => {
    const log = createTestLog();
    log.warn('odd', { level: 'none', time: 'never' });
    log.close();
    expect(fileLines()[0]).toMatchObject({ level: 'warn', field_level: 'none', field_time: 'never' });
  });

  it('cuts a huge text off', () => {
    const log = createTestLog();
    log.info('x'.repeat(100_000), { body: 'y'.repeat(100_000) });
    log.close();
    expect(statSync(join(folder, 'legwork.log')).size).toBeLessThan(10_000);
  });

  it('starts a new file at the size limit and keeps a few old ones, in order', () => {
    const log = createTestLog({ maxFileBytes: 1_000 });
    for (let index = 0; index < 100; index += 1) log.info(`line ${index}`);
    log.close();
    expect(readdirSync(folder).sort()).toEqual([
      'legwork.log',
      'legwork.log.1',
      'legwork.log.2',
      'legwork.log.3',
      'legwork.log.4',
    ]);
    expect(fileLines().at(-1)?.['message']).toBe('line 99');
    for (const name of readdirSync(folder)) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(1_000);
  });

  it('goes on when its file cannot be written', () => {
    const file = openRotatingFile({ path: join('/dev/null', 'no-folder', 'legwork.log') });
    expect(() => file.writeLine('lost')).not.toThrow();
    expect(file.lostLines()).toBe(1);
    file.close();
  });

  it.skipIf(process.platform === 'win32')('can be read by its owner only', () => {
    const log = createTestLog();
    log.info('private');
    log.close();
    expect(statSync(join(folder, 'legwork.log')).mode & 0o077).toBe(0);
  });
});
