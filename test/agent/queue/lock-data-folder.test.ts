import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { lockDataFolder } from '../../../main/agent/queue/lock-data-folder.ts';
import { openDatabase } from '../../../main/agent/queue/open-database.ts';
import { localTask, openStore, temporaryFolder } from './queue-fixture.ts';

const HOLDER = new URL('./lock-holder.ts', import.meta.url).pathname;

/** Another process that tries to lock the folder; its first line says `locked` or why not. */
async function startHolder(folder: string): Promise<{ process: ChildProcess; said: string }> {
  const child = spawn(process.execPath, [HOLDER, folder], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const [said] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  return { process: child, said };
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}

it('refuses a second agent on the folder, in this process or another, until the first lets go', async () => {
  const folder = temporaryFolder();
  const lock = lockDataFolder(folder);
  expect(() => lockDataFolder(folder)).toThrow(expect.objectContaining({ code: 'locked' }));
  expect((await startHolder(folder)).said).toMatch(/^locked: Another agent is running on the data folder/);
  lock.release();
  lock.release();
  expect((await startHolder(folder)).said).toBe('have it');
});

it('is let go of by any death of its holder', async () => {
  const folder = temporaryFolder();
  const holder = await startHolder(folder);
  expect(holder.said).toBe('have it');
  expect(() => lockDataFolder(folder)).toThrow(/Stop it, or choose another data folder/);
  await end(holder.process, 'SIGKILL');
  lockDataFolder(folder).release();
});

it('does not keep others from reading and enqueueing', async () => {
  const folder = temporaryFolder();
  const holder = await startHolder(folder);
  expect(holder.said).toBe('have it');
  const { queue } = openStore({ file: join(folder, 'legwork.db') });
  expect(queue.enqueue(localTask()).created).toBe(true);
  await end(holder.process, 'SIGTERM');
});

it('says so when there can be no such folder', () => {
  const file = join(temporaryFolder(), 'a-file');
  writeFileSync(file, '');
  expect(() => lockDataFolder(join(file, 'data'))).toThrow(expect.objectContaining({ code: 'not_writable' }));
  expect(() => openDatabase(join(file, 'legwork.db'))).toThrow(expect.objectContaining({ code: 'not_writable' }));
});
