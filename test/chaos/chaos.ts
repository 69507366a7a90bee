import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { listProcesses, processTree, type ListedProcess } from '../../main/agent/process-tree.ts';
import { startLegwork, type LegworkProgram } from '../support/legwork-program.ts';
import { seededRandom } from '../support/random.ts';
import { startChaosProxy } from './chaos-proxy.ts';
import { startChaosSite } from './chaos-site.ts';
import { Operator, type SeenJob } from '../support/operator.ts';

/*
 * Kills agent, task host, Chromium and hub at random moments, and breaks the connection between agent and hub, while
 * jobs run. At the end every job must have exactly one recorded outcome, and every delivered blob must match its hash;
 * no process and no profile may be left.
 */

const { values: options } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    verbose: { type: 'boolean', default: false },
  },
});
const kills = Number(options.kills);
const seed = Number(options.seed);
if (!Number.isInteger(kills) || kills < 1 || !Number.isInteger(seed)) {
  console.error('usage: chaos [--kills N] [--seed N] [--verbose]   (N a whole number, at least 1)');
  process.exit(2);
}

const OPERATOR_KEY = 'chaos-operator-key-0123456789abcdef';
const WORKER_ID = 'chaos-worker';
const WORKER_SECRET = 'chaos-secret-0123456789abcdef0123456789';
const OPEN_JOBS = 12;
const SETTLE_LIMIT_MS = 300_000;

type Victim = 'agent' | 'task host' | 'chromium' | 'hub';
const VICTIMS: Victim[] = ['agent', 'task host', 'chromium', 'hub'];

const random = seededRandom(seed);
const sleep = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));
const folder = await mkdtemp(join(tmpdir(), 'legwork-chaos-'));
const site = await startChaosSite(random);
let hubPort = 0;
const proxy = await startChaosProxy(() => hubPort, random);

async function startHub(): Promise<LegworkProgram> {
  const hub = startLegwork(['hub', '--data', join(folder, 'hub'), '--port', String(hubPort), '--json'], {
    LEGWORK_OPERATOR_KEY: OPERATOR_KEY,
    WORKER_ID,
    LOCALBROWSER_SECRET: WORKER_SECRET,
  });
  const [, port] = await hub.line(/"url":"http:\/\/[^":]+:(\d+)/);
  hubPort = Number(port);
  return hub;
}

function startAgent(): LegworkProgram {
  return startLegwork(['agent', '--data', join(folder, 'agent'), '--hub', `http://127.0.0.1:${proxy.port}`, '--json'], {
    WORKER_ID,
    LOCALBROWSER_SECRET: WORKER_SECRET,
    MAX_CONCURRENT_TASKS: '3',
  });
}

/** The process to kill: the program itself, or one of the agent's descendants. */
function findVictim(victim: Victim, programs: { hub: LegworkProgram; agent: LegworkProgram }): number | null {
  if (victim === 'hub') return programs.hub.child.pid ?? null;
  const agentId = programs.agent.child.pid;
  if (agentId === undefined || victim === 'agent') return agentId ?? null;
  const processes = listProcesses();
  const descendants = new Set(processTree(agentId, processes));
  const isVictim = ({ processId, commandLine }: ListedProcess): boolean =>
    descendants.has(processId) &&
    processId !== agentId &&
    (victim === 'task host'
      ? commandLine.trimEnd().endsWith(' task-host')
      : commandLine.includes('--remote-debugging-pipe') && !commandLine.includes('--type='));
  return processes.find(isVictim)?.processId ?? null;
}

const killed: Record<Victim, number> = { agent: 0, 'task host': 0, chromium: 0, hub: 0 };
const jobIds: string[] = [];
const openJobs = new Set<string>();
let batches = 0;
let programs = { hub: await startHub(), agent: startAgent() };
const operator = (): Operator => new Operator(`http://127.0.0.1:${hubPort}`, OPERATOR_KEY);

async function topUp(): Promise<void> {
  for (const id of openJobs) if (isFinal(await operator().job(id))) openJobs.delete(id);
  const missing = OPEN_JOBS - openJobs.size;
  if (missing <= 0) return;
  batches += 1;
  const jobs = Array.from({ length: missing }, (_unused, index) => ({
    type: 'website_html',
    payload: { url: `${site.url}/${batches}/${index}`, ...(random() < 0.4 ? { screenshot: {} } : {}) },
    maxAttempts: 20,
  }));
  for (const id of await operator().createJobs(jobs, `batch-${seed}-${batches}`)) {
    jobIds.push(id);
    openJobs.add(id);
  }
}

function isFinal(job: SeenJob): boolean {
  return ['completed', 'failed', 'cancelled'].includes(job.status);
}

function say(line: string): void {
  if (options.verbose) console.log(`${Math.round((performance.now() - startedMs) / 1_000)} s  ${line}`);
}

/** Kills one of them and brings back what does not come back by itself. */
async function killOne(): Promise<void> {
  const victim = VICTIMS[Math.floor(random() * VICTIMS.length)] ?? 'agent';
  const processId = findVictim(victim, programs);
  if (processId === null) {
    say(`${victim}: not running just now`);
    return;
  }
  try {
    process.kill(processId, 'SIGKILL');
  } catch {
    return;
  }
  killed[victim] += 1;
  say(`killed ${victim} ${processId}`);
  if (victim !== 'hub' && victim !== 'agent') return;
  await programs[victim].exited;
  await sleep(Math.floor(random() * 1_000));
  programs = victim === 'hub' ? { ...programs, hub: await startHub() } : { ...programs, agent: startAgent() };
}

async function settle(): Promise<void> {
  const untilMs = performance.now() + SETTLE_LIMIT_MS;
  while (openJobs.size > 0 && performance.now() < untilMs) {
    for (const id of openJobs) if (isFinal(await operator().job(id))) openJobs.delete(id);
    await sleep(500);
  }
}

async function stopAll(): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, program] of Object.entries(programs).toReversed()) {
    program.child.kill('SIGTERM');
    const { code, signal } = await program.exited;
    if (code !== 0) problems.push(`${name} ended with ${signal ?? code}:\n${program.output().slice(-2_000)}`);
  }
  const left = listProcesses().filter(({ commandLine }) => commandLine.includes(folder));
  for (const { processId, commandLine } of left)
    problems.push(`left behind: ${processId} ${commandLine.slice(0, 200)}`);
  const profiles = await readdir(join(folder, 'agent', 'run')).catch(() => []);
  if (profiles.length > 0) problems.push(`left behind in the run folder: ${profiles.join(', ')}`);
  return problems;
}

/** What is wrong with a job's record; nothing when it is as promised. */
async function problemsOf(id: string): Promise<string[]> {
  const job = await operator().job(id);
  if (job.status !== 'completed') return [`job ${id} is ${job.status}: ${JSON.stringify(job)}`];
  const record = (await operator().json(`/api/jobs/${id}/result`)) as {
    blobs: NonNullable<SeenJob['result']>['blobs'];
  };
  if (record.blobs.length === 0) return [`job ${id} has no blobs`];
  const problems: string[] = [];
  for (const { name, sha256 } of record.blobs) {
    if (!(await operator().blobMatches(id, name, sha256)))
      problems.push(`job ${id}: blob ${name} is not what its hash says`);
  }
  return problems;
}

console.log(`chaos: ${kills} kills, seed ${seed}`);
const startedMs = performance.now();
const total = (): number => Object.values(killed).reduce((sum, count) => sum + count, 0);
let reported = 0;
while (total() < kills) {
  proxy.faultShare = 0.25;
  await topUp();
  await sleep(200 + Math.floor(random() * 1_800));
  if (random() < 0.6) proxy.cutAll();
  await killOne();
  if (total() >= reported + 20) {
    reported = total();
    console.log(`  ${reported} kills, ${jobIds.length - openJobs.size} jobs ended, ${openJobs.size} open`);
  }
}
proxy.faultShare = 0;
say('all kills done; waiting for the open jobs');
await settle();
say(`the agent's last words:\n${programs.agent.output().slice(-6_000)}`);
const problems: string[] = [...openJobs].map((id) => `job ${id} has no outcome`);
for (const id of jobIds) if (!openJobs.has(id)) problems.push(...(await problemsOf(id)));
problems.push(...(await stopAll()));
await proxy.close();
await site.close();

const counts = (record: Record<string, number>): string =>
  Object.entries(record)
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
console.log(`killed: ${counts(killed)}`);
console.log(`connections: ${counts(proxy.done)}`);
console.log(`jobs: ${jobIds.length}, each with one outcome: ${problems.length === 0 ? 'yes' : 'NO'}`);
console.log(`seconds: ${Math.round((performance.now() - startedMs) / 1_000)}`);
for (const problem of problems) console.error(`problem: ${problem}`);
if (problems.length === 0) await rm(folder, { recursive: true, force: true });
else console.error(`the data is kept in ${folder}`);
process.exitCode = problems.length === 0 ? 0 : 1;
