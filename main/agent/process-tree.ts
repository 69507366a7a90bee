import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** A process as the operating system lists it. */
export interface ListedProcess {
  processId: number;
  parentId: number;
  commandLine: string;
}

/** All processes that this user may see; empty when the system's list cannot be read. */
export function listProcesses(): ListedProcess[] {
  try {
    switch (process.platform) {
      case 'linux':
        return listFromProc();
      case 'win32':
        return listFromPowerShell();
      default:
        return listFromPs();
    }
  } catch {
    return [];
  }
}

function listFromProc(): ListedProcess[] {
  const listed: ListedProcess[] = [];
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8');
      // The command in parentheses may itself contain spaces and parentheses: the fields start after the last one.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      const commandLine = readFileSync(`/proc/${entry}/cmdline`, 'utf8').replaceAll('\0', ' ');
      if (fields[0] !== 'Z') listed.push({ processId: Number(entry), parentId: Number(fields[1]), commandLine });
    } catch {
      // It ended while the list was read.
    }
  }
  return listed;
}

function listFromPs(): ListedProcess[] {
  const text = execFileSync('ps', ['-axo', 'pid=,ppid=,command='], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line);
    return match === null
      ? []
      : [{ processId: Number(match[1]), parentId: Number(match[2]), commandLine: match[3] ?? '' }];
  });
}

function listFromPowerShell(): ListedProcess[] {
  const script =
    'Get-CimInstance Win32_Process | ForEach-Object { "$($_.ProcessId)`t$($_.ParentProcessId)`t$($_.CommandLine)" }';
  const text = execFileSync('powershell', ['-NoProfile', '-Command', script], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    windowsHide: true,
  });
  return text.split(/\r?\n/).flatMap((line) => {
    const [processId, parentId, commandLine] = line.split('\t');
    return processId === undefined || parentId === undefined
      ? []
      : [{ processId: Number(processId), parentId: Number(parentId), commandLine: commandLine ?? '' }];
  });
}

/** The process and all its descendants, children last. Pure over a list, for tests. */
export function processTree(rootId: number, processes: readonly ListedProcess[]): number[] {
  const found = [rootId];
  for (let index = 0; index < found.length; index += 1) {
    for (const { processId, parentId } of processes) {
      if (parentId === found[index] && !found.includes(processId)) found.push(processId);
    }
  }
  return found;
}

function killOne(processId: number): void {
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

/** Kills a process and everything that it started, parents first, so that none of them starts another. */
export function killProcessTree(rootId: number): void {
  for (const processId of processTree(rootId, listProcesses())) killOne(processId);
}

/** Kills every process, other than this one, whose command line names the folder. Returns how many there were. */
export function killProcessesUsing(folder: string): number {
  const using = listProcesses().filter(
    ({ processId, commandLine }) => processId !== process.pid && commandLine.includes(folder),
  );
  for (const { processId } of using) killOne(processId);
  return using.length;
}
