import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Browser, chromium } from 'playwright-core';
import { findChromium } from '../../main/browser/find-chromium.ts';
import { trayState } from '../../preload/contract.ts';

/**
 * Draws every icon from its SVG source with Chromium: `node build/icons/render-icons.ts`. What it writes is kept with
 * the sources, since packaging needs it on machines without a browser.
 *
 * The names follow what Electron reads: `@2x` for another scale, `Template` for an image that macOS colours itself.
 */
const sourceFolder = fileURLToPath(new URL('source', import.meta.url));
const outputFolder = fileURLToPath(new URL('output', import.meta.url));

type TrayState = (typeof trayState.options)[number];

/** Colour of the mark that tells the state; the same as the glyph where none is given. Readable on both panels. */
const MARKS: Readonly<Record<'light' | 'dark', Partial<Record<TrayState, string>>>> = {
  // Dark glyphs for light panels.
  light: { working: '#4f57d3', paused: '#a66a00', attention: '#d12c3f' },
  dark: { working: '#8e95ff', paused: '#f0b94a', attention: '#ff6b78' },
};
const GLYPHS = { light: '#22242b', dark: '#f4f4f6' } as const;

interface Picture {
  file: string;
  svg: string;
  /** In device-independent pixels. */
  size: number;
  scale: number;
  glyph: string;
  mark: string;
}

function scaled(name: string, scale: number): string {
  return scale === 1 ? `${name}.png` : `${name}@${scale}x.png`;
}

function trayPictures(): Picture[] {
  return trayState.options.flatMap((state) => {
    const svg = readFileSync(join(sourceFolder, 'tray', `${state}.svg`), 'utf8');
    // Panels of Linux draw at 22 to 24 pixels, the notification area of Windows at 16.
    const coloured = (['light', 'dark'] as const).flatMap((panel) =>
      [
        { system: 'linux', size: 24, scales: [1, 1.25, 1.5, 2] },
        { system: 'windows', size: 16, scales: [1, 1.25, 1.5, 2] },
      ].flatMap(({ system, size, scales }) =>
        scales.map((scale) => ({
          file: join('tray', scaled(`${system}-${panel}-${state}`, scale)),
          svg,
          size,
          scale,
          glyph: GLYPHS[panel],
          mark: MARKS[panel][state] ?? GLYPHS[panel],
        })),
      ),
    );
    const templates = [1, 2].map((scale) => ({
      file: join('tray', scaled(`mac-${state}Template`, scale)),
      svg,
      size: 18,
      scale,
      glyph: '#000',
      mark: '#000',
    }));
    return [...coloured, ...templates];
  });
}

function appPictures(): Picture[] {
  const plain = { scale: 1, glyph: '#000', mark: '#000' };
  const app = readFileSync(join(sourceFolder, 'app.svg'), 'utf8');
  const mac = readFileSync(join(sourceFolder, 'app-mac.svg'), 'utf8');
  return [
    ...[16, 24, 32, 48, 64, 128, 256, 512, 1024].map((size) => ({
      ...plain,
      file: join('app', `${size}x${size}.png`),
      svg: app,
      size,
    })),
    { ...plain, file: 'app-mac.png', svg: mac, size: 1024 },
  ];
}

async function render(browser: Browser, pictures: readonly Picture[]): Promise<void> {
  for (const scale of new Set(pictures.map((picture) => picture.scale))) {
    const context = await browser.newContext({ deviceScaleFactor: scale, viewport: { width: 1100, height: 1100 } });
    const page = await context.newPage();
    for (const { file, svg, size, glyph, mark } of pictures.filter((picture) => picture.scale === scale)) {
      await page.setContent(
        `<style>*{margin:0;padding:0}svg{display:block;width:${size}px;height:${size}px;color:${glyph};--mark:${mark}}</style>${svg}`,
      );
      const clip = { x: 0, y: 0, width: size, height: size };
      const path = join(outputFolder, file);
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, await page.screenshot({ clip, omitBackground: true }));
    }
    await context.close();
  }
}

const { chromium: found } = await findChromium();
if (found === null) throw new Error('No Chromium was found to draw the icons with: run `npm run setup`.');
const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
const browser = await chromium.launch({ executablePath: found.path, args: asRoot });
try {
  rmSync(outputFolder, { recursive: true, force: true });
  const pictures = [...trayPictures(), ...appPictures()];
  await render(browser, pictures);
  console.log(`${pictures.length} pictures written to ${outputFolder}`);
} finally {
  await browser.close();
}
