import { chromium } from 'playwright-core';
import { runContender } from '../../contender-program.ts';

/** Plain Playwright as one would write it: a warm browser, a new context for each page, no queue and no hub. */
await runContender(async (settings) => {
  const browser = await chromium.launch({
    executablePath: settings.chromiumPath,
    chromiumSandbox: settings.sandbox,
  });
  await (await browser.newContext()).close();
  return {
    render: async (url) => {
      const context = await browser.newContext({ viewport: settings.viewport });
      try {
        const page = await context.newPage();
        const response = await page.goto(url, { waitUntil: 'load', timeout: settings.timeoutMs });
        const [html, headers, timings, screenshot] = await Promise.all([
          page.content(),
          response?.allHeaders(),
          page.evaluate(() => JSON.stringify(performance.getEntriesByType('navigation'))),
          page.screenshot({ type: 'jpeg', quality: settings.screenshotQuality }),
        ]);
        return { html, screenshot, details: { status: response?.status(), headers, timings } };
      } finally {
        void context.close().catch(() => undefined);
      }
    },
    close: () => browser.close(),
  };
});
