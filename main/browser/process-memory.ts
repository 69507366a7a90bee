import { readdir, readFile } from 'node:fs/promises';

/**
 * Memory of a process group in bytes: the sum of its processes' proportional set sizes (shared pages counted once, in
 * shares). null where the system does not tell (anything but Linux).
 */
export async function processGroupMemoryBytes(leaderId: number): Promise<number | null> {
  if (process.platform !== 'linux') return null;
  const names = await readdir('/proc').catch(() => []);
  const sizes = await Promise.all(
    names.filter((name) => /^\d+$/.test(name)).map((name) => memoryOfMember(name, leaderId)),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function memoryOfMember(processId: string, leaderId: number): Promise<number> {
  // proc(5): after the name in parentheses come state, parent and process group.
  const stat = await readFile(`/proc/${processId}/stat`, 'utf8').catch(() => '');
  const group = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  if (group !== leaderId) return 0;
  const rollup = await readFile(`/proc/${processId}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
  return kilobytes * 1024;
}
