import { crc32, deflateSync } from 'node:zlib';

export interface SiteContent {
  /** HTML of about 30 kB each, from its address as it was asked for: no two addresses have the same HTML or picture. */
  pages: ((address: string) => Buffer)[];
  assets: Map<string, { contentType: string; body: Buffer }>;
}

const PAGE_COUNT = 24;
const IMAGE_COUNT = 6;

/** Where a page says at which address it was asked for. */
const ADDRESS_MARK = '%ADDRESS%';

const WORDS = (
  'river stone harbour quiet ledger window morning copper signal garden winter paper engine bright valley letter ' +
  'market bridge silver cloud anchor field lantern willow record thunder island compass meadow station ribbon candle'
).split(' ');

/** A linear congruential generator: the site is the same in every run. */
function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function sentence(random: () => number): string {
  const words = Array.from({ length: 8 + Math.floor(random() * 10) }, () => {
    const word = WORDS[Math.floor(random() * WORDS.length)] ?? 'river';
    return random() < 0.05 ? `<a href="/page/${Math.floor(random() * PAGE_COUNT)}">${word}</a>` : word;
  });
  return `${words.join(' ')}.`;
}

function paragraph(random: () => number): string {
  return `<p>${Array.from({ length: 4 }, () => sentence(random)).join(' ')}</p>`;
}

function section(index: number, random: () => number): string {
  const image =
    index < IMAGE_COUNT
      ? `<figure><img src="/image/${index}.png" width="480" height="240" alt="Figure ${index + 1}"><figcaption>${sentence(random)}</figcaption></figure>`
      : '';
  const rows = Array.from(
    { length: 6 },
    (_, row) => `<tr><td>${row + 1}</td><td>${sentence(random)}</td><td>${(random() * 1000).toFixed(2)}</td></tr>`,
  );
  return `<section id="part-${index}"><h2>Part ${index + 1}</h2>${image}${paragraph(random)}${paragraph(random)}
<table><thead><tr><th>No.</th><th>What</th><th>Amount</th></tr></thead><tbody>${rows.join('\n')}</tbody></table></section>`;
}

function page(number: number): string {
  const random = generator(number + 1);
  const links = Array.from({ length: PAGE_COUNT }, (_, index) => `<li><a href="/page/${index}">Page ${index}</a></li>`);
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Page ${number} of the sample site</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="description" content="A sample page.">
<link rel="stylesheet" href="/style.css"><link rel="icon" href="data:,"><script src="/app.js" defer></script></head>
<body><header><h1>Page ${number}</h1><p>You asked for ${ADDRESS_MARK}</p><nav><ul>${links.join('')}</ul></nav></header>
<main>${Array.from({ length: 14 }, (_, index) => section(index, random)).join('\n')}</main>
<aside><ol id="contents"></ol></aside><footer>${paragraph(random)}</footer></body></html>
`;
}

function styleSheet(): string {
  const utilities = Array.from(
    { length: 300 },
    (_, index) => `.space-${index} { margin: ${index % 40}px; padding: ${index % 24}px; } `,
  );
  return `:root { --ink: #223; --line: #ccd; }
body { font: 16px/1.5 sans-serif; color: var(--ink); margin: 0; display: grid; grid-template-columns: 3fr 1fr; gap: 24px; }
header, footer { grid-column: 1 / -1; padding: 16px 24px; background: linear-gradient(90deg, #eef, #fef); }
nav ul { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; padding: 0; }
main { padding: 0 24px; } section { border-bottom: 1px solid var(--line); }
figure { margin: 0; border-radius: 8px; overflow: hidden; box-shadow: 0 2px 8px #0003; width: 480px; }
table { border-collapse: collapse; width: 100%; } td, th { border: 1px solid var(--line); padding: 4px 8px; }
tr:nth-child(even) { background: #f7f7fb; } aside { position: sticky; top: 0; }
${utilities.join('\n')}
`;
}

/** A script as pages have them: it reads the document, builds a list and keeps the main thread for a moment. */
const SCRIPT = `
const contents = document.querySelector('#contents');
for (const heading of document.querySelectorAll('h2')) {
  const item = document.createElement('li');
  const link = document.createElement('a');
  link.href = '#' + heading.parentElement.id;
  link.textContent = heading.textContent;
  item.append(link);
  contents.append(item);
}
let total = 0;
for (const cell of document.querySelectorAll('td:last-child')) {
  total += Number(cell.textContent);
  cell.style.textAlign = 'right';
}
let sum = 0;
for (let step = 0; step < 200000; step += 1) sum = (sum * 31 + step) % 1000003;
document.querySelector('footer').append('Total ' + total.toFixed(2) + ', check ' + sum);
`;

function pngChunk(type: string, data: Buffer): Buffer {
  const typeAndData = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.byteLength);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(typeAndData));
  return Buffer.concat([length, typeAndData, check]);
}

/** A PNG (RFC 2083) of a gradient with some grain, so that it does not compress to nothing. */
function png(width: number, height: number, seed: number): Buffer {
  const random = generator(seed);
  const rows = Buffer.alloc(height * (1 + width * 3));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = y * (1 + width * 3) + 1 + x * 3;
      const grain = random() < 0.01 ? 12 : 0;
      rows[at] = ((x >> 3) * 2 + grain) & 255;
      rows[at + 1] = ((y >> 2) * 4 + seed * 20) & 255;
      rows[at + 2] = (128 + seed * 17 + grain) & 255;
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', head),
    pngChunk('IDAT', deflateSync(rows)),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

/** Everything that the benchmark's site serves, built once. */
export function buildSite(): SiteContent {
  const assets: SiteContent['assets'] = new Map();
  assets.set('/style.css', { contentType: 'text/css; charset=utf-8', body: Buffer.from(styleSheet()) });
  assets.set('/app.js', { contentType: 'text/javascript; charset=utf-8', body: Buffer.from(SCRIPT) });
  for (let index = 0; index < IMAGE_COUNT; index += 1) {
    assets.set(`/image/${index}.png`, { contentType: 'image/png', body: png(480, 240, index + 1) });
  }
  const pages = Array.from({ length: PAGE_COUNT }, (_, number) => {
    const [before = '', after = ''] = page(number).split(ADDRESS_MARK);
    const [head, tail] = [Buffer.from(before), Buffer.from(after)];
    return (address: string) => Buffer.concat([head, Buffer.from(address.replace(/[^\w/?=-]/g, '_')), tail]);
  });
  return { pages, assets };
}
