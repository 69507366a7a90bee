import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Stack, WORKER_ID, WORKER_SECRET } from '../e2e/stack.ts';
import { agreedBrowser } from '../support/desktop/agreed-browser.ts';
import { buildDesktopApp } from '../support/desktop/build-desktop-app.ts';
import { DesktopSession } from '../support/desktop/desktop-session.ts';
import { findDesktopRuntime } from '../support/desktop/electron-runtime.ts';
import { writeEmptyElectronApp } from './empty-electron-app.ts';
import { monotonicMs } from './monotonic.ts';
import { firstPaintAt } from './page-paint.ts';
import { descendantsCpuSeconds, ownCpuSeconds, treeFigures } from './process-figures.ts';
import { describeEnvironment, publishReport } from './report.ts';
import { runBench } from './run-bench.ts';
import { median, medianRatio, rotated } from './statistics.ts';
import { fixed, formatTable, megabytes } from './table.ts';

/**
 * What the desktop app costs beside an empty Electron app in the same run: how long it takes until the tray icon and until
 * the window's first paint, and what it takes of memory and CPU while it is hidden, connected to a hub, with nothing to do.
 * Only the CPU has a target; the ratios are for comparison. Legwork's memory has its task host and a warm browser in it,
 * that of the empty app a window.
 */
const CPU_LIMIT_PERCENT = 0.5;

type Contender = 'Legwork' | 'empty';

interface RunningApp {
  processId: number;
  /** Milliseconds from the start of the process. */
  trayMs: number;
  devToolsUrl: string;
  end(): Promise<void>;
}

await runBench(async ({ quick, onEnd }) => {
  const rounds = quick ? 3 : 7;
  const settleMs = quick ? 20_000 : 45_000;
  const windowMs = quick ? 20_000 : 60_000;
  const runtime = findDesktopRuntime();
  if (!runtime.available) throw new Error(runtime.sentence);
  const { dbusDaemonPath, electronPath } = runtime;
  const session = await DesktopSession.start(dbusDaemonPath);
  onEnd(() => session.close());
  const stack = new Stack();
  onEnd(() => stack.close());
  await stack.startHub();
  const credentials = {
    ...(await agreedBrowser()),
    LARAVEL_INTERNAL_URL: stack.hubUrl,
    WORKER_ID,
    LOCALBROWSER_SECRET: WORKER_SECRET,
  };
  const folders: Record<Contender, string> = {
    Legwork: await buildDesktopApp(),
    empty: writeEmptyElectronApp(session.folder),
  };

  async function start(contender: Contender, appArguments: string[] = [], beside = false): Promise<RunningApp> {
    const dataFolder = mkdtempSync(join(session.folder, 'data-'));
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    // The icon of the one before must be gone, or it would be taken for this one's.
    if (!beside) await session.watcher.untilEmpty();
    const startedAtMs = monotonicMs();
    const child = spawn(
      electronPath,
      [...asRoot, '--remote-debugging-port=0', folders[contender], `--data=${dataFolder}`, ...appArguments],
      { env: { ...session.environment, ...credentials }, stdio: ['ignore', 'ignore', 'pipe'] },
    );
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    const url = new Promise<string>((resolve) => {
      let text = '';
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        const found = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
        if (found !== undefined) resolve(found);
      });
    });
    await session.watcher.item();
    const trayMs = monotonicMs() - startedAtMs;
    return {
      processId: child.pid ?? 0,
      trayMs,
      devToolsUrl: await url,
      end: async () => {
        child.kill('SIGKILL');
        await exited;
      },
    };
  }

  /** Milliseconds from the start of the process to the first paint of something, by the page's own record of it. */
  async function firstPaintMs(contender: Contender): Promise<number> {
    const startedAt = Date.now();
    const app = await start(contender);
    try {
      return (await firstPaintAt(app.devToolsUrl)) - startedAt;
    } finally {
      await app.end();
    }
  }

  const tray: Record<Contender, number[]> = { Legwork: [], empty: [] };
  const paint: Record<Contender, number[]> = { Legwork: [], empty: [] };
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of rotated<Contender>(['empty', 'Legwork'], round)) {
      const hidden = await start(contender, ['--hidden']);
      tray[contender].push(hidden.trayMs);
      await hidden.end();
      paint[contender].push(await firstPaintMs(contender));
    }
  }

  const empty = await start('empty');
  const legwork = await start('Legwork', ['--hidden'], true);
  await sleep(settleMs);
  const emptyFigures = treeFigures(empty.processId);
  const figures = treeFigures(legwork.processId);
  const cpuSeconds = (): number => ownCpuSeconds(legwork.processId) + descendantsCpuSeconds(legwork.processId);
  const cpuBefore = cpuSeconds();
  const startedAtMs = monotonicMs();
  await sleep(windowMs);
  const cpuPercent = ((cpuSeconds() - cpuBefore) / ((monotonicMs() - startedAtMs) / 1_000)) * 100;
  await legwork.end();
  await empty.end();

  const trayRatio = medianRatio(tray.Legwork, tray.empty);
  const paintRatio = medianRatio(paint.Legwork, paint.empty);
  const memoryRatio = figures.memoryBytes / emptyFigures.memoryBytes;
  console.log(
    formatTable(
      ['', 'Legwork', 'empty Electron', 'ratio'],
      [
        ['start to tray, ms', fixed(median(tray.Legwork)), fixed(median(tray.empty)), fixed(trayRatio, 2)],
        ['start to first paint, ms', fixed(median(paint.Legwork)), fixed(median(paint.empty)), fixed(paintRatio, 2)],
        [
          'memory (PSS): hidden, against a window',
          megabytes(figures.memoryBytes),
          megabytes(emptyFigures.memoryBytes),
          fixed(memoryRatio, 2),
        ],
        ['processes', String(figures.processes), String(emptyFigures.processes), ''],
        ['CPU when hidden and idle, % of a core', fixed(cpuPercent, 2), '', ''],
      ],
    ),
  );
  publishReport({
    name: 'desktop',
    command: `node test/bench/desktop-bench.ts${quick ? ' --quick' : ''}`,
    quick,
    environment: describeEnvironment(),
    targets: [
      {
        what: 'CPU of the app when hidden and idle',
        target: `under ${CPU_LIMIT_PERCENT} % of a core`,
        measured: `${fixed(cpuPercent, 2)} %`,
        met: cpuPercent < CPU_LIMIT_PERCENT,
      },
    ],
    figures: { tray, paint, memoryBytes: { legwork: { ...figures }, empty: { ...emptyFigures } }, cpuPercent },
  });
});
