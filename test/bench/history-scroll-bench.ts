import type { Browser, Page } from 'playwright-core';
import { builtRenderer } from '../renderer/scenes/built-renderer.ts';
import { launchBrowser } from '../renderer/scenes/launch-browser.ts';
import { serveScene } from '../renderer/scenes/serve-scene.ts';
import { SCENES } from '../renderer/scenes/scenes.ts';
import { describeEnvironment, publishReport } from './report.ts';
import { runBench } from './run-bench.ts';
import { quantile } from './statistics.ts';
import { fixed, formatTable } from './table.ts';

/**
 * Scrolling History with 100,000 attempts: the time between frames while the list is moved in three ways, beside that
 * of an idle page of the same browser in the same run, which is what the machine alone costs.
 */
const FRAME_LIMIT_MS = 50;

/** How the list is moved before each frame; every way visits the whole list. */
const WAYS = {
  reading: 'three rows a frame',
  flinging: 'forty rows a frame',
  jumping: 'anywhere, every tenth frame',
} as const;
type Way = keyof typeof WAYS;

/** Milliseconds between the frames of a page while something moves its list; null: while nothing happens. */
async function frameTimes(page: Page, durationMs: number, way: Way | null): Promise<number[]> {
  return await page.evaluate(
    async ({ durationMs, way }) => {
      const grid = document.querySelector('[role="grid"]');
      const times: number[] = [];
      const startedAtMs = performance.now();
      let last = startedAtMs;
      let frame = 0;
      await new Promise<void>((resolve) => {
        const step = () => {
          const now = performance.now();
          times.push(now - last);
          last = now;
          frame += 1;
          if (grid !== null && way !== null) {
            const room = grid.scrollHeight - grid.clientHeight;
            if (way === 'jumping') {
              if (frame % 10 === 0) grid.scrollTop = room * ((frame * 0.618) % 1);
            } else {
              const next = grid.scrollTop + (way === 'reading' ? 108 : 1_440);
              grid.scrollTop = next > room ? 0 : next;
            }
          }
          if (now - startedAtMs > durationMs) resolve();
          else requestAnimationFrame(step);
        };
        requestAnimationFrame(step);
      });
      // The first frames hold what came before.
      return times.slice(3);
    },
    { durationMs, way },
  );
}

interface FrameFigures {
  frames: number;
  medianMs: number;
  p99Ms: number;
  longestMs: number;
  overLimit: number;
}

function figuresOf(times: readonly number[]): FrameFigures {
  return {
    frames: times.length,
    medianMs: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    longestMs: Math.max(...times),
    overLimit: times.filter((time) => time > FRAME_LIMIT_MS).length,
  };
}

async function idlePage(browser: Browser): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
  await page.setContent('<p>Nothing happens here.</p>');
  return page;
}

await runBench(async ({ quick, onEnd }) => {
  const durationMs = quick ? 3_000 : 10_000;
  const makeScene = SCENES['long'];
  if (makeScene === undefined) throw new Error('There is no scene with a long history.');
  const running = await serveScene(await builtRenderer(), makeScene(Date.now()));
  onEnd(() => running.close());
  const browser = await launchBrowser();
  onEnd(() => browser.close());

  const page = await browser.newPage({ viewport: { width: 1_280, height: 800 } });
  await page.goto(`${running.url}#/history`);
  await page.getByText('100,000 attempts').waitFor();
  await page.locator('[data-index="0"]').getByText('Done').waitFor();

  const idleTimes: number[] = [];
  const times: Record<Way, number[]> = { reading: [], flinging: [], jumping: [] };
  // Interleaved, so that what else the machine does falls on all alike.
  for (const way of Object.keys(WAYS) as Way[]) {
    const idle = await idlePage(browser);
    await idle.bringToFront();
    idleTimes.push(...(await frameTimes(idle, durationMs, null)));
    await idle.close();
    await page.bringToFront();
    times[way].push(...(await frameTimes(page, durationMs, way)));
  }

  const idle = figuresOf(idleTimes);
  const figures = {
    reading: figuresOf(times.reading),
    flinging: figuresOf(times.flinging),
    jumping: figuresOf(times.jumping),
  };
  const row = (name: string, one: FrameFigures) => [
    name,
    String(one.frames),
    fixed(one.medianMs, 1),
    fixed(one.p99Ms, 1),
    fixed(one.longestMs, 1),
    String(one.overLimit),
  ];
  console.log(
    formatTable(
      ['', 'frames', 'median ms', 'p99 ms', 'longest ms', `over ${FRAME_LIMIT_MS} ms`],
      [row('idle page', idle), ...(Object.keys(WAYS) as Way[]).map((way) => row(`${way}: ${WAYS[way]}`, figures[way]))],
    ),
  );
  // The idle pages were watched three times as long.
  const allowed = Math.ceil(idle.overLimit / 3);
  publishReport({
    name: 'history-scroll',
    command: 'npm run bench -- --only i',
    quick,
    environment: describeEnvironment(),
    targets: (Object.keys(WAYS) as Way[]).map((way) => ({
      what: `Frames over ${FRAME_LIMIT_MS} ms while ${way} through 100,000 rows`,
      target: `none beyond the ${allowed} of an idle page in the same time`,
      measured: `${figures[way].overLimit}, the longest ${fixed(figures[way].longestMs, 1)} ms (idle: ${fixed(idle.longestMs, 1)} ms)`,
      met: figures[way].overLimit <= allowed,
    })),
    figures: {
      idle: { ...idle },
      reading: { ...figures.reading },
      flinging: { ...figures.flinging },
      jumping: { ...figures.jumping },
    },
  });
});
