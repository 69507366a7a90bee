import { scripted, type HostilePage } from './hostile-page.ts';

/** Pages that burn the processor or the memory, or open and ask without end. */
export const PAGES_OF_SCRIPTS: readonly HostilePage[] = [
  { name: 'endless-loop', answer: scripted('for (;;);'), ends: ['page_timeout'] },
  {
    name: 'endless-microtasks',
    answer: scripted('const again = () => Promise.resolve().then(again); again();'),
    ends: ['page_timeout'],
  },
  {
    name: 'endless-timers',
    answer: scripted('const again = () => { setTimeout(again); setTimeout(again); }; setTimeout(again, 50);'),
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'fork-bomb-of-workers',
    answer: scripted(`
      const source = URL.createObjectURL(new Blob(['for (;;);']));
      setInterval(() => { for (let i = 0; i < 20; i += 1) new Worker(source); });`),
    payload: { waitUntil: 'quiet' },
    ends: ['page_too_busy', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'workers-of-workers',
    answer: scripted(`
      const text = 'const again = () => { const w = new Worker(self.name); }; ' +
        'for (let i = 0; i < 3; i += 1) new Worker(self.name, { name: self.name });';
      const source = URL.createObjectURL(new Blob([text]));
      new Worker(source, { name: source });`),
    payload: { waitUntil: 'quiet' },
    ends: ['page_too_busy', 'page_timeout', 'page_crashed', 'completed'],
  },
  {
    name: 'shared-worker-loop',
    answer: (request, response) => {
      const isWorker = request.url?.endsWith('.js') === true;
      response.writeHead(200, { 'Content-Type': isWorker ? 'text/javascript' : 'text/html' });
      response.end(isWorker ? 'for (;;);' : scripted("new SharedWorker('/shared-worker-loop/w.js')"));
    },
    ends: ['completed', 'page_timeout'],
  },
  {
    name: 'endless-dom',
    answer: scripted(`
      const grow = () => { for (let i = 0; i < 2000; i += 1) document.body.append(document.createElement('div')); };
      setInterval(grow);`),
    payload: { waitUntil: 'quiet' },
    ends: ['page_timeout', 'page_crashed', 'page_too_large', 'completed'],
  },
  {
    name: 'deep-dom',
    answer: scripted(`
      let node = document.body;
      for (let i = 0; i < 100000; i += 1) node = node.appendChild(document.createElement('b'));`),
    ends: ['completed', 'page_timeout', 'page_crashed', 'page_too_large', 'internal'],
  },
  { name: 'alert-loop', answer: scripted('for (;;) alert(1);'), ends: ['page_too_busy', 'page_timeout'] },
  {
    name: 'prompt-loop',
    answer: scripted("while (prompt('name') !== 'x') confirm('sure?');"),
    ends: ['page_too_busy', 'page_timeout'],
  },
  {
    name: 'beforeunload-trap',
    answer: scripted(`
      addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = 'stay'; for (;;); });
      setTimeout(() => { location.href = '/good'; }, 20);`),
    payload: { waitUntil: 'quiet' },
    ends: ['completed', 'page_timeout'],
  },
  {
    name: 'unload-trap',
    answer: scripted(
      "addEventListener('pagehide', () => { for (;;); }); addEventListener('unload', () => { for (;;); });",
    ),
    ends: ['completed'],
  },
  {
    name: 'history-loop',
    answer: scripted("for (let i = 0; ; i += 1) history.pushState({}, '', '?' + i);"),
    ends: ['page_timeout'],
  },
  {
    name: 'history-back-loop',
    answer: scripted(
      "history.pushState({}, '', '?a'); addEventListener('popstate', () => history.forward()); setInterval(() => history.back());",
    ),
    ends: ['completed', 'page_timeout', 'navigation_aborted'],
  },
  {
    name: 'reload-loop',
    answer: scripted('location.reload();'),
    ends: ['too_many_redirects', 'page_timeout', 'page_too_busy'],
  },
  {
    name: 'thousands-of-iframes',
    answer: scripted(`
      setInterval(() => { for (let i = 0; i < 100; i += 1) document.body.append(document.createElement('iframe')); });`),
    payload: { waitUntil: 'quiet' },
    ends: ['page_too_busy', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'iframes-of-itself',
    answer: scripted(`
      for (let i = 0; i < 3; i += 1) {
        const frame = document.createElement('iframe');
        frame.src = '/iframes-of-itself?' + Math.random();
        document.body.append(frame);
      }`),
    payload: { waitUntil: 'quiet' },
    ends: ['page_too_busy', 'page_timeout', 'page_crashed', 'completed'],
  },
  {
    name: 'giant-canvas',
    answer: scripted(`
      const kept = [];
      for (let i = 0; i < 8; i += 1) {
        const canvas = document.createElement('canvas');
        canvas.width = canvas.height = 8000;
        const context = canvas.getContext('2d');
        context.fillRect(0, 0, 8000, 8000);
        kept.push(canvas, context?.getImageData(0, 0, 1000, 1000));
      }`),
    payload: { screenshot: {} },
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'wasm-memory',
    answer: scripted(`
      const kept = [];
      try { for (;;) { const m = new WebAssembly.Memory({ initial: 16384 }); new Uint8Array(m.buffer).fill(1, 0, 65536); kept.push(m); } }
      catch { document.title = 'out of it'; }`),
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'array-buffers',
    answer: scripted(`
      const kept = [];
      try { for (let i = 0; i < 40; i += 1) kept.push(new Uint8Array(2 ** 26).fill(i)); } catch {}
      for (;;) kept.push(new Array(1e6).fill({}));`),
    ends: ['page_crashed', 'page_timeout'],
  },
  {
    name: 'object-urls',
    answer: scripted(
      'setInterval(() => { for (let i = 0; i < 200; i += 1) URL.createObjectURL(new Blob([new Uint8Array(50000)])); });',
    ),
    payload: { waitUntil: 'quiet' },
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'webgl-contexts',
    answer: scripted(`
      for (let i = 0; i < 200; i += 1) {
        const gl = document.createElement('canvas').getContext('webgl2');
        gl?.bufferData(gl.ARRAY_BUFFER, 1 << 28, gl.STATIC_DRAW);
      }`),
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'regular-expression-bomb',
    answer: scripted("/^(a+)+$/.test('a'.repeat(60) + '!');"),
    ends: ['page_timeout'],
  },
  {
    name: 'css-bomb',
    answer: `<!doctype html><style>${Array.from({ length: 60 }, (_, i) => `:root{--v${i + 1}:var(--v${i})var(--v${i})}`).join('')}
      :root{--v0:lololol} body::before{content:var(--v59)} ${'div '.repeat(300)}{color:red}</style><body>${'<div>'.repeat(400)}`,
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'svg-bomb',
    answer: `<!doctype html><svg xmlns:xlink="http://www.w3.org/1999/xlink"><defs><g id="a0"><circle r="1"/></g>${Array.from(
      { length: 25 },
      (_, i) => `<g id="a${i + 1}">${`<use xlink:href="#a${i}"/>`.repeat(10)}</g>`,
    ).join('')}</defs><use xlink:href="#a25"/></svg>`,
    ends: ['completed', 'page_timeout', 'page_crashed'],
  },
  {
    name: 'window-storm',
    answer: scripted(
      "for (let i = 0; i < 300; i += 1) window.open('about:blank', 'w' + i); setInterval(() => window.open('/good'));",
    ),
    payload: { waitUntil: 'quiet' },
    ends: ['completed', 'page_too_busy', 'page_timeout'],
  },
  { name: 'print-loop', answer: scripted('setInterval(() => print());'), ends: ['completed', 'page_timeout'] },
  {
    name: 'begging',
    answer: scripted(`
      Notification.requestPermission?.();
      navigator.geolocation.getCurrentPosition(() => {}, () => {});
      navigator.mediaDevices?.getUserMedia({ video: true, audio: true }).catch(() => {});
      navigator.clipboard?.readText().catch(() => {});
      document.documentElement.requestFullscreen?.().catch(() => {});
      document.body.requestPointerLock?.();
      navigator.storage?.persist?.();
      navigator.bluetooth?.requestDevice({ acceptAllDevices: true }).catch(() => {});
      navigator.usb?.requestDevice({ filters: [] }).catch(() => {});
      window.showOpenFilePicker?.().catch(() => {});`),
    ends: ['completed'],
  },
  {
    name: 'console-flood',
    answer: scripted("setInterval(() => { for (let i = 0; i < 500; i += 1) console.error('x'.repeat(2000), i); });"),
    payload: { waitUntil: 'quiet' },
    ends: ['completed', 'page_timeout'],
  },
  { name: 'huge-title', answer: scripted("document.title = 't'.repeat(2e7);"), ends: ['completed', 'page_timeout'] },
  {
    name: 'self-closing',
    answer: scripted('window.close(); setInterval(() => self.close());'),
    ends: ['completed', 'navigation_aborted'],
  },
  {
    name: 'debugger-trap',
    answer: scripted('setInterval(() => { debugger; }); debugger;'),
    ends: ['completed'],
  },
  {
    name: 'mutation-of-builtins',
    answer: scripted(`
      JSON.stringify = () => { for (;;); };
      Object.defineProperty(document, 'title', { get() { for (;;); } });
      XMLSerializer.prototype.serializeToString = () => { throw 1; };
      Element.prototype.querySelector = () => { for (;;); };
      performance.getEntriesByType = () => { throw 1; };`),
    payload: { waitForSelector: 'p', text: true, markdown: true },
    ends: ['completed'],
  },
];
