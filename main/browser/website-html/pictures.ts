import type { PageSession } from '../page-session.ts';
import { MAX_SCREENSHOT_PIXELS, type WebsiteHtmlPayload } from './payload.ts';

type ScreenshotWish = NonNullable<WebsiteHtmlPayload['screenshot']>;

/** WebP's own limit is one pixel below Chromium's. */
const MAX_WEBP_PIXELS = 16_383;

/** ISO 216 A4, in inches as the protocol wants it. */
const A4_INCHES = { paperWidth: 8.27, paperHeight: 11.69 };

/** A picture of the window, or of the whole page as far as it can be drawn. @throws CdpError */
export async function takeScreenshot(page: PageSession, wish: ScreenshotWish): Promise<Buffer> {
  const { data } = await page.send('Page.captureScreenshot', {
    format: wish.format,
    quality: wish.format === 'png' ? undefined : wish.quality,
    ...(wish.fullPage ? await wholePage(page, wish) : {}),
  });
  return Buffer.from(data, 'base64');
}

/** Prints the page on A4, or on the size that it asks for. @throws CdpError */
export async function printPdf(page: PageSession): Promise<Buffer> {
  const { data } = await page.send('Page.printToPDF', {
    ...A4_INCHES,
    printBackground: true,
    preferCSSPageSize: true,
  });
  return Buffer.from(data, 'base64');
}

async function wholePage(page: PageSession, { format }: ScreenshotWish) {
  const { cssContentSize, visualViewport, cssVisualViewport } = await page.send('Page.getLayoutMetrics');
  const devicePixels = Math.max(1, visualViewport.clientWidth / Math.max(1, cssVisualViewport.clientWidth));
  const limit = Math.floor((format === 'webp' ? MAX_WEBP_PIXELS : MAX_SCREENSHOT_PIXELS) / devicePixels);
  const width = Math.min(limit, Math.max(1, Math.ceil(cssContentSize.width)));
  const height = Math.min(limit, Math.max(1, Math.ceil(cssContentSize.height)));
  return { captureBeyondViewport: true, clip: { x: 0, y: 0, width, height, scale: 1 } };
}
