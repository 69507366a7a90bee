import type { PageSession } from '../page-session.ts';
import { MAX_PICTURE_PIXELS, MAX_SCREENSHOT_PIXELS, type WebsiteHtmlPayload } from './payload.ts';

type ScreenshotWish = NonNullable<WebsiteHtmlPayload['screenshot']>;

/** WebP's own limit is one pixel below Chromium's. */
const MAX_WEBP_PIXELS = 16_383;

/** ISO 216 A4, in inches as the protocol wants it. */
const A4_INCHES = { paperWidth: 8.27, paperHeight: 11.69 };

/** A picture, and whether there was more than could be drawn. */
export interface Screenshot {
  readonly image: Buffer;
  readonly isTruncated: boolean;
}

/** A picture of the window, or of the whole page as far as it can be drawn. @throws CdpError */
export async function takeScreenshot(page: PageSession, wish: ScreenshotWish): Promise<Screenshot> {
  const { isTruncated, ...whole } = wish.fullPage ? await wholePage(page, wish) : { isTruncated: false };
  const { data } = await page.send('Page.captureScreenshot', {
    format: wish.format,
    quality: wish.format === 'png' ? undefined : wish.quality,
    ...whole,
  });
  return { image: Buffer.from(data, 'base64'), isTruncated };
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
  const wantedWidth = Math.max(1, Math.ceil(cssContentSize.width));
  const wantedHeight = Math.max(1, Math.ceil(cssContentSize.height));
  const width = Math.min(limit, wantedWidth);
  const areaLimit = Math.max(1, Math.floor(MAX_PICTURE_PIXELS / (width * devicePixels ** 2)));
  const height = Math.min(limit, areaLimit, wantedHeight);
  const clip = { x: 0, y: 0, width, height, scale: 1 };
  return { captureBeyondViewport: true, clip, isTruncated: width < wantedWidth || height < wantedHeight };
}
