import { readdirSync, readFileSync } from 'node:fs';

/** Figures of running processes from Linux's /proc (proc(5)); a process that has gone counts as nothing. */

/** Clock ticks a second in /proc/PID/stat: `USER_HZ`, 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

interface Stat {
  processId: number;
  parentId: number;
  command: string;
  /** Of the process itself. */
  ownTicks: number;
  /** Of its children that have ended and been waited for. */
  endedChildrenTicks: number;
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function readStat(processId: number): Stat | null {
  const text = readOrNull(`/proc/${processId}/stat`);
  if (text === null) return null;
  // The command stands in parentheses and may hold spaces and parentheses itself.
  const commandEnd = text.lastIndexOf(')');
  const fields = text.slice(commandEnd + 2).split(' ');
  const number = (field: number): number => Number(fields[field - 3] ?? 0);
  return {
    processId,
    parentId: number(4),
    command: text.slice(text.indexOf('(') + 1, commandEnd),
    ownTicks: number(14) + number(15),
    endedChildrenTicks: number(16) + number(17),
  };
}

function readAllStats(): Stat[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => readStat(Number(name)))
    .filter((stat) => stat !== null);
}

/** The process and all its descendants that live now, the process first. */
export function processTree(rootId: number): number[] {
  const stats = readAllStats();
  const tree = stats.some((stat) => stat.processId === rootId) ? [rootId] : [];
  for (const parentId of tree) {
    for (const stat of stats) if (stat.parentId === parentId) tree.push(stat.processId);
  }
  return tree;
}

/** The command line of a process as one text; empty when it has gone. */
export function commandLine(processId: number): string {
  return (readOrNull(`/proc/${processId}/cmdline`) ?? '').replaceAll('\0', ' ').trim();
}

/** Direct children that live now. */
export function childProcesses(parentId: number): number[] {
  return readAllStats()
    .filter((stat) => stat.parentId === parentId)
    .map((stat) => stat.processId);
}

/** CPU seconds that the process itself has used since its start. */
export function ownCpuSeconds(processId: number): number {
  return (readStat(processId)?.ownTicks ?? 0) / TICKS_PER_SECOND;
}

/**
 * CPU seconds of all descendants, those that have ended included: a renderer that has gone is in the ended-children
 * time of whoever waited for it. Not those of the process itself.
 */
export function descendantsCpuSeconds(rootId: number): number {
  const root = readStat(rootId);
  if (root === null) return 0;
  const ticks = processTree(rootId)
    .slice(1)
    .map((processId) => readStat(processId))
    .reduce((sum, stat) => sum + (stat === null ? 0 : stat.ownTicks + stat.endedChildrenTicks), 0);
  return (ticks + root.endedChildrenTicks) / TICKS_PER_SECOND;
}

/** Proportional set size in bytes: shared pages are split among those that share them, so that a tree adds up. */
export function proportionalMemoryBytes(processId: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readOrNull(`/proc/${processId}/smaps_rollup`) ?? '');
  return Number(match?.[1] ?? 0) * 1024;
}

/** Open file descriptors of a process. */
export function handleCount(processId: number): number {
  try {
    return readdirSync(`/proc/${processId}/fd`).length;
  } catch {
    return 0;
  }
}

export interface TreeFigures {
  processes: number;
  handles: number;
  memoryBytes: number;
}

/** Processes, handles and proportional memory of a process with all its descendants. */
export function treeFigures(rootId: number): TreeFigures {
  const tree = processTree(rootId);
  const sum = (figure: (processId: number) => number): number =>
    tree.reduce((total, processId) => total + figure(processId), 0);
  return { processes: tree.length, handles: sum(handleCount), memoryBytes: sum(proportionalMemoryBytes) };
}
