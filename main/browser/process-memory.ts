import { readdirSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/**
 * Memory of process groups in bytes, by their leaders' ids: the sum of the proportional set sizes of their processes
 * (shared memory counted in shares). Empty where the system does not tell (anything but Linux). Costs about a
 * millisecond a process.
 */
export async function memoryOfProcessGroups(leaderIds: readonly number[]): Promise<Map<number, number>> {
  const sizes = new Map<number, number>();
  if (process.platform !== 'linux') return sizes;
  const wanted = new Set(leaderIds);
  const members = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  await Promise.all(
    members.map(async (processId) => {
      const leaderId = groupOf(processId);
      if (leaderId === null || !wanted.has(leaderId)) return;
      const bytes = await proportionalBytes(processId);
      sizes.set(leaderId, (sizes.get(leaderId) ?? 0) + bytes);
    }),
  );
  return sizes;
}

/** The process group, as proc(5) has it in `stat`: after the name in parentheses, state and parent. */
function groupOf(processId: string): number | null {
  try {
    const stat = readFileSync(`/proc/${processId}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
  } catch {
    return null;
  }
}

async function proportionalBytes(processId: string): Promise<number> {
  const rollup = await readFile(`/proc/${processId}/smaps_rollup`, 'utf8').catch(() => '');
  return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
}
