import { createHash } from 'node:crypto';

export interface SceneBlob {
  contentType: string;
  content: string;
}

const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Example bakery</title>
<style>body{font:16px/1.5 Georgia,serif;margin:0;color:#3a2a1a;background:#fdf8f0}header{background:#8a4b22;color:#fff;padding:28px 40px}
main{display:grid;grid-template-columns:repeat(3,1fr);gap:20px;padding:32px 40px}article{background:#fff;padding:20px;border-radius:6px}</style>
</head><body><header><h1>Example bakery</h1><p>Fresh bread every morning</p></header><main>
<article><h2>Rye</h2><p>With a dark crust.</p></article><article><h2>Spelt</h2><p>Soft, and light.</p></article>
<article><h2>Wheat</h2><p>The classic.</p></article></main><script>document.body.textContent = 'the script ran';parent.scriptRan = true;</script></body></html>`;

const PICTURE = `<svg xmlns="http://www.w3.org/2000/svg" width="1280" height="720" viewBox="0 0 1280 720"><rect width="1280" height="720" fill="#fdf8f0"/>
<rect width="1280" height="150" fill="#8a4b22"/><text x="40" y="82" font-family="Georgia,serif" font-size="46" fill="#fff">Example bakery</text>
<text x="40" y="122" font-family="Georgia,serif" font-size="22" fill="#fff">Fresh bread every morning</text>
${[0, 1, 2].map((column) => `<rect x="${40 + column * 405}" y="190" width="385" height="220" rx="8" fill="#fff"/><rect x="${60 + column * 405}" y="210" width="345" height="110" rx="6" fill="#e7cba9"/><text x="${60 + column * 405}" y="360" font-family="Georgia,serif" font-size="26" fill="#3a2a1a">${['Rye', 'Spelt', 'Wheat'][column]}</text>`).join('')}
</svg>`;

const REPORT = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Lighthouse report</title>
<style>body{font:14px/1.5 sans-serif;margin:32px}</style></head><body><h1>Lighthouse report</h1><p id="audits">…</p>
<script>document.querySelector('#audits').textContent = '112 audits were carried out.';</script></body></html>`;

function blob(name: string, contentType: string, content: string) {
  const sha256 = createHash('sha256').update(content).digest('hex');
  return { name, contentType, content, sha256, sizeBytes: Buffer.byteLength(content) };
}

const ALL = [
  blob('page.html', 'text/html; charset=utf-8', PAGE),
  blob('screenshot.png', 'image/svg+xml', PICTURE),
  blob('report.html', 'text/html; charset=utf-8', REPORT),
  blob('report.json', 'application/json', '{"lighthouseVersion":"13.5.0"}'),
  blob('page.txt', 'text/plain; charset=utf-8', 'Example bakery\nFresh bread every morning\n'),
];

/** What parts of results refer to, as the contract has it. */
export function blobReferences(...names: string[]) {
  return ALL.filter(({ name }) => names.includes(name)).map(({ content: _content, ...reference }) => reference);
}

export function blobContent(sha256: string): SceneBlob | undefined {
  return ALL.find((one) => one.sha256 === sha256);
}
