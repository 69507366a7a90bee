// Crawlee's PlaywrightCrawler doing the same work as Legwork, set as favourably as its options allow: no retries, no
// sessions, no fingerprints, no browser retirement, all of its concurrency from the first page on.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Configuration, LogLevel, PlaywrightCrawler, log } from '@crawlee/playwright';

const settings = JSON.parse(process.argv[2] ?? '{}');
process.env.CRAWLEE_STORAGE_DIR = join(settings.outputFolder, 'storage');
log.setLevel(LogLevel.ERROR);

/** Says something to the benchmark, unless that has gone. */
const tell = (message) => {
  if (process.connected) process.send(message, undefined, undefined, () => undefined);
};

const monotonicMs = () => Number(process.hrtime.bigint()) / 1e6;

let rounds = 0;
let round = null;

const crawler = new PlaywrightCrawler(
  {
    keepAlive: true,
    minConcurrency: settings.concurrency,
    maxConcurrency: settings.concurrency,
    maxRequestRetries: 0,
    useSessionPool: false,
    navigationTimeoutSecs: settings.timeoutMs / 1000,
    headless: true,
    browserPoolOptions: {
      useFingerprints: false,
      retireBrowserAfterPageCount: 1_000_000,
      maxOpenPagesPerBrowser: 100,
      closeInactiveBrowserAfterSecs: 3_600,
      prePageCreateHooks: [
        (_pageId, _controller, pageOptions) => {
          if (pageOptions) pageOptions.viewport = settings.viewport;
        },
      ],
    },
    launchContext: {
      useIncognitoPages: true,
      launchOptions: { executablePath: settings.chromiumPath, chromiumSandbox: settings.sandbox },
    },
    preNavigationHooks: [
      (_context, gotoOptions) => {
        gotoOptions.waitUntil = 'load';
      },
    ],
    async requestHandler({ request, page, response }) {
      const [html, headers, timings, screenshot] = await Promise.all([
        page.content(),
        response?.allHeaders(),
        page.evaluate(() => JSON.stringify(performance.getEntriesByType('navigation'))),
        page.screenshot({ type: 'jpeg', quality: settings.screenshotQuality }),
      ]);
      const base = join(settings.outputFolder, request.userData.name);
      await Promise.all([
        writeFile(`${base}.html`, html),
        writeFile(`${base}.jpg`, screenshot),
        writeFile(`${base}.json`, JSON.stringify({ status: response?.status(), headers, timings })),
      ]);
      // A page of a round that has failed meanwhile.
      if (request.userData.round !== round.number) return;
      round.pages += 1;
      round.htmlBytes += Buffer.byteLength(html);
      round.screenshotBytes += screenshot.byteLength;
      if (round.pages === round.expected) round.resolve();
    },
    failedRequestHandler({ request }, error) {
      round?.reject(new Error(`${request.url}: ${error.message}`));
    },
  },
  new Configuration({ persistStorage: true, purgeOnStart: true }),
);

async function runRound(urls) {
  const finished = new Promise((resolve, reject) => {
    round = {
      number: (rounds += 1),
      expected: urls.length,
      pages: 0,
      htmlBytes: 0,
      screenshotBytes: 0,
      resolve,
      reject,
    };
  });
  await crawler.addRequests(
    urls.map((url, index) => ({
      url,
      uniqueKey: url,
      userData: { round: round.number, name: `${index % settings.concurrency}` },
    })),
    { waitForAllRequestsToBeAdded: true },
  );
  await finished;
  const { pages, htmlBytes, screenshotBytes } = round;
  return { kind: 'done', finishedAtMs: monotonicMs(), pages, htmlBytes, screenshotBytes };
}

const stop = async (code) => {
  await crawler.teardown().catch(() => undefined);
  process.exit(code);
};
process.on('message', (message) => {
  if (message.kind === 'stop') return void stop(0);
  return void runRound(message.urls)
    .catch((error) => ({ kind: 'failed', message: String(error) }))
    .then(tell);
});
process.once('disconnect', () => void stop(1));
crawler.run().catch((error) => tell({ kind: 'failed', message: String(error) }));
tell({ kind: 'ready' });
