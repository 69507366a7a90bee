import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlobFileWriter } from '../../main/browser/blob-writer.ts';
import { BrowserPool } from '../../main/browser/browser-pool.ts';
import { NetworkGuard } from '../../main/browser/network-guard/guard.ts';
import { TaskTraffic } from '../../main/browser/network-guard/page-network.ts';
import { findChromium } from '../../main/browser/find-chromium.ts';
import type { BlobWriter } from '../../main/browser/task-definition.ts';
import { PROCESS_ID_FILE } from '../../main/browser/sweep-profiles.ts';
import { taskDefinitions } from '../../main/browser/tasks/registry.ts';
import type { BlobReference, JsonObject } from '../../main/protocol/fields.ts';
import { systemClock } from '../../main/protocol/ports.ts';
import { TaskCatalogue } from '../../main/protocol/task-type.ts';
import { RecordingLog } from '../fakes/silent-log.ts';
import { LOOPBACK_NETWORK } from '../support/loopback-network.ts';

/** What a task came to, as a hub would have it. */
export interface TaskResult {
  result: JsonObject;
  /** The text of a blob. @throws Error when the result has none of that name */
  blobText: (name: string) => Promise<string>;
  blobs: BlobReference[];
  /** Percentages in the order in which they were told. */
  progress: number[];
}

/** Runs tasks of the registry with the browsers of this machine, without agent and hub. */
export interface TaskRunner {
  /** @throws LegworkError as the handler does; of a wrong payload as the hub does */
  run(type: string, payload: unknown, signal?: AbortSignal): Promise<TaskResult>;
  /** Folders of profiles that are there now. */
  profiles(): Promise<string[]>;
  /** Process ids of the browsers themselves, each the leader of the process group of all that it starts. */
  browsers(): Promise<number[]>;
  /** Process ids of the Chromium processes that use a profile of this runner (Linux), browsers' children included. */
  browserProcesses(): Promise<number[]>;
  close(): Promise<void>;
}

/** @throws Error that names the command when a browser is missing */
export async function startTaskRunner(): Promise<TaskRunner> {
  const { chromium, headlessShell, advice } = await findChromium();
  if (chromium === null) throw new Error(`There is no Chromium. Get one with: ${advice?.command ?? ''}`);
  const folder = await mkdtemp(join(tmpdir(), 'legwork-smoke-'));
  const blobFolder = join(folder, 'blobs');
  const runFolder = join(folder, 'run');
  const log = new RecordingLog();
  const guard = new NetworkGuard({ allow: LOOPBACK_NETWORK.allowedPrivateHosts, hub: null, log });
  const settings = {
    blobFolder,
    runFolder,
    chromiumPath: chromium.path,
    headlessShellPath: headlessShell?.path ?? null,
    sandbox: process.getuid?.() !== 0,
    network: LOOPBACK_NETWORK,
    recycle: { afterPages: 200, afterMs: 600_000, memoryBytes: 2 ** 31 },
  };
  const browsers = new BrowserPool({ settings, log, clock: systemClock, guard });
  const catalogue = new TaskCatalogue(taskDefinitions);

  return {
    async run(type, payload, signal = new AbortController().signal) {
      const definition = taskDefinitions.find(({ name }) => name === type);
      if (definition === undefined) throw new Error(`There is no task type ${type}.`);
      const written: BlobReference[] = [];
      const progress: number[] = [];
      const raw = await definition.run(catalogue.parsePayload(type, payload), {
        signal,
        browsers,
        guard,
        traffic: new TaskTraffic(),
        blobs: recordingWriter(new BlobFileWriter(blobFolder), written),
        log,
        progress: (percent) => progress.push(percent),
        checkRobots: () => Promise.resolve(),
        siteAnswered: () => undefined,
        slotFree: () => undefined,
      });
      return {
        result: definition.resultSchema.parse(raw),
        blobs: written,
        progress,
        blobText: async (name) => {
          const blob = written.find((each) => each.name === name);
          if (blob === undefined) throw new Error(`There is no blob ${name}.`);
          return readFile(join(blobFolder, blob.sha256.slice(0, 2), blob.sha256), 'utf8');
        },
      };
    },
    profiles: () => readdir(runFolder).catch(() => []),
    browsers: () => leadersIn(runFolder),
    browserProcesses: () => processesOf(runFolder),
    async close() {
      await browsers.close();
      await guard.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function recordingWriter(writer: BlobWriter, written: BlobReference[]): BlobWriter {
  return {
    async write(name, content, contentType) {
      const blob = await writer.write(name, content, contentType);
      written.push(blob);
      return blob;
    },
  };
}

/** What the browsers' profiles in the folder say. */
async function leadersIn(runFolder: string): Promise<number[]> {
  const profiles = await readdir(runFolder).catch(() => []);
  const texts = await Promise.all(profiles.map((name) => readFile(join(runFolder, name, PROCESS_ID_FILE), 'utf8')));
  return texts.map(Number);
}

/** Processes whose group leader was started with a profile in the folder, read from /proc. */
async function processesOf(runFolder: string): Promise<number[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  const processes = await Promise.all(
    ids.map(async (id) => {
      const commandLine = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '');
      const stat = await readFile(`/proc/${id}/stat`, 'utf8').catch(() => '');
      // The fifth field is the process group; the second is in brackets and may hold spaces.
      const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2];
      return { id, group, isLeader: commandLine.includes(`--user-data-dir=${runFolder}`) };
    }),
  );
  const groups = new Set(processes.filter(({ isLeader }) => isLeader).map(({ group }) => group));
  return processes.filter(({ group }) => groups.has(group)).map(({ id }) => Number(id));
}
