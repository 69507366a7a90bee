/**
 * Ways in which a page makes a browser connect somewhere. `at(way)` is the address of the canary under the name
 * `{way}.canary.example`, by which the attempt is recognised.
 */
export interface AttackPages {
  /** One page that tries many things at once. */
  readonly html: string;
  readonly script: string;
  /** Pages that leave by themselves: the path on the attack site. */
  readonly leaving: readonly { readonly way: string; readonly path: string }[];
  /** Scripts that need a page of their own and a click. */
  readonly clicking: readonly { readonly way: string; readonly script: string }[];
}

type At = (way: string, scheme?: string) => string;

/** Ways in the markup of a page. */
const MARKUP: Readonly<Record<string, (url: string) => string>> = {
  img: (url) => `<img src="${url}">`,
  srcset: (url) => `<img srcset="${url} 1x">`,
  picture: (url) => `<picture><source srcset="${url}"><img></picture>`,
  script: (url) => `<script src="${url}"></script>`,
  module: (url) => `<script type="module" src="${url}"></script>`,
  stylesheet: (url) => `<link rel="stylesheet" href="${url}">`,
  'css-import': (url) => `<style>@import url("${url}");</style>`,
  'css-background': (url) => `<p style="background:url(${url})">x</p>`,
  'css-border': (url) => `<p style="border:1px solid;border-image:url(${url}) 1">x</p>`,
  'css-list': (url) => `<ul style="list-style-image:url(${url})"><li>x</ul>`,
  'css-content': (url) => `<style>#content::before{content:url(${url})}</style><p id="content">x</p>`,
  'css-mask': (url) => `<p style="mask-image:url(${url})">x</p>`,
  font: (url) => `<style>@font-face{font-family:f;src:url(${url})}</style><p style="font-family:f">x</p>`,
  iframe: (url) => `<iframe src="${url}"></iframe>`,
  'iframe-sandbox': (url) => `<iframe sandbox src="${url}"></iframe>`,
  object: (url) => `<object data="${url}" type="text/html"></object>`,
  embed: (url) => `<embed src="${url}" type="text/html">`,
  video: (url) => `<video src="${url}" preload="auto"></video>`,
  poster: (url) => `<video poster="${url}"></video>`,
  audio: (url) => `<audio src="${url}" preload="auto"></audio>`,
  track: (url) => `<video crossorigin src="/silence"><track default src="${url}"></video>`,
  'svg-image': (url) => `<svg width="9" height="9"><image href="${url}" width="9" height="9"/></svg>`,
  'svg-fe-image': (url) =>
    `<svg width="9" height="9"><filter id="f"><feImage href="${url}"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>`,
  'input-image': (url) => `<input type="image" src="${url}">`,
  'body-background': (url) => `<table background="${url}"><tr><td>x</table>`,
  preload: (url) => `<link rel="preload" as="image" href="${url}">`,
  modulepreload: (url) => `<link rel="modulepreload" href="${url}">`,
  prefetch: (url) => `<link rel="prefetch" href="${url}">`,
  preconnect: (url) => `<link rel="preconnect" href="${url}">`,
  'dns-prefetch': (url) => `<link rel="dns-prefetch" href="${url}">`,
  'speculation-prefetch': (url) =>
    `<script type="speculationrules">{"prefetch":[{"source":"list","urls":["${url}"],"eagerness":"immediate"}]}</script>`,
  srcdoc: (url) => `<iframe srcdoc="<img src='${url}'>"></iframe>`,
  'data-frame': (url) => `<iframe src="data:text/html,<img src='${url}'>"></iframe>`,
  'frame-refresh': (url) => `<iframe srcdoc="<meta http-equiv=refresh content='0;url=${url}'>"></iframe>`,
  'frame-script': (url) => `<iframe srcdoc="<script>location='${url}'</script>"></iframe>`,
  'frame-form': (url) =>
    `<iframe srcdoc="<form method=post action='${url}'></form><script>document.forms[0].submit()</script>"></iframe>`,
  pdf: (url) => `<embed src="${url}" type="application/pdf">`,
  'redirect-301': (url) => `<img src="/redirect/301?${url}">`,
  'redirect-302': (url) => `<iframe src="/redirect/302?${url}"></iframe>`,
  'redirect-303': (url) => `<script src="/redirect/303?${url}"></script>`,
  'redirect-307': (url) => `<link rel="stylesheet" href="/redirect/307?${url}">`,
  'redirect-308': (url) => `<video src="/redirect/308?${url}" preload="auto"></video>`,
  'redirect-chain': (url) => `<img src="/redirect/302?/redirect/302?/redirect/302?${url}">`,
};

/** Ways in a script; `URL` stands for the canary's address, `WS` for the same as a WebSocket. */
const SCRIPTS: Readonly<Record<string, string>> = {
  fetch: `fetch(URL)`,
  'fetch-opaque': `fetch(URL, { mode: 'no-cors' })`,
  'fetch-post': `fetch(URL, { method: 'POST', mode: 'no-cors', body: 'x' })`,
  'fetch-preflight': `fetch(URL, { method: 'PUT', headers: { 'X-Own': '1' }, body: 'x' })`,
  'fetch-keepalive': `fetch(URL, { keepalive: true, mode: 'no-cors' })`,
  'fetch-redirect': `fetch('/redirect/307?' + URL, { mode: 'no-cors' })`,
  xhr: `const request = new XMLHttpRequest(); request.open('GET', URL); request.send()`,
  'xhr-sync': `const request = new XMLHttpRequest(); request.open('GET', URL, false); request.send()`,
  websocket: `new WebSocket(WS)`,
  eventsource: `new EventSource(URL)`,
  beacon: `navigator.sendBeacon(URL, 'x')`,
  import: `import(URL)`,
  'new-image': `new Image().src = URL`,
  'worker-script': `new Worker('/worker?importScripts(' + JSON.stringify(URL) + ')')`,
  'worker-fetch': `new Worker('/worker?fetch(' + JSON.stringify(URL) + ')')`,
  'worker-xhr': `new Worker('/worker?r=new XMLHttpRequest();r.open("GET",' + JSON.stringify(URL) + ');r.send()')`,
  'worker-websocket': `new Worker('/worker?new WebSocket(' + JSON.stringify(WS) + ')')`,
  'blob-worker': `new Worker(window.URL.createObjectURL(new Blob(['fetch("' + URL + '")'])))`,
  'shared-worker': `new SharedWorker('/worker?fetch(' + JSON.stringify(URL) + ')')`,
  'service-worker': `navigator.serviceWorker.register('/worker?fetch(' + JSON.stringify(URL) + ')', { scope: '/a/' })`,
  'service-worker-import': `navigator.serviceWorker.register('/worker?importScripts(' + JSON.stringify(URL) + ')', { scope: '/b/' })`,
  'service-worker-websocket': `navigator.serviceWorker.register('/worker?new WebSocket(' + JSON.stringify(WS) + ')', { scope: '/c/' })`,
  'blob-frame': `const frame = document.createElement('iframe');
    frame.src = window.URL.createObjectURL(new Blob(['<img src="' + URL + '">'], { type: 'text/html' }));
    document.body.append(frame)`,
  'document-write': `document.body.insertAdjacentHTML('beforeend', '<img src="' + URL + '">')`,
  stylesheet2: `new CSSStyleSheet().replace('@import url("' + URL + '")');
    document.head.appendChild(Object.assign(document.createElement('link'), { rel: 'stylesheet', href: URL }))`,
  'font-face': `new FontFace('g', 'url(' + URL + ')').load()`,
  webtransport: `new WebTransport(URL.replace('http:', 'https:'))`,
};

/** Ways in which a page leaves without being told to. */
const LEAVING: Readonly<Record<string, (url: string) => string>> = {
  'first-url': (url) => url,
  'top-301': (url) => `/redirect/301?${url}`,
  'top-302': (url) => `/redirect/302?${url}`,
  'top-303': (url) => `/redirect/303?${url}`,
  'top-307': (url) => `/redirect/307?${url}`,
  'top-308': (url) => `/redirect/308?${url}`,
  'refresh-header': (url) => `/refresh?${url}`,
  'link-header': (url) => `/link?${url}`,
  'report-uri': (url) => `/report?${url}`,
  'meta-refresh': (url) => `/page?<meta http-equiv=refresh content="0;url=${url}">`,
  location: (url) => `/page?<script>location.href='${url}'</script>`,
  'location-replace': (url) => `/page?<script>location.replace('${url}')</script>`,
  'form-get': (url) => `/page?<form action="${url}"></form><script>document.forms[0].submit()</script>`,
  'form-post': (url) => `/page?<form method=post action="${url}"></form><script>document.forms[0].submit()</script>`,
  'frame-top': (url) => `/page?<form target=_top action="${url}"></form><script>document.forms[0].submit()</script>`,
  icon: (url) => `/page?<link rel=icon href="${url}">`,
  manifest: (url) => `/page?<link rel=manifest href="${url}">`,
  base: (url) => `/page?<base href="${url}"><img src="x.png">`,
};

/** Ways that a browser takes after a click only. */
const CLICKING: Readonly<Record<string, string>> = {
  'window-open': `window.open(URL)`,
  'new-tab': `document.body.innerHTML = '<a target=_blank href="' + URL + '">x</a>'; document.querySelector('a').click()`,
  ping: `document.body.innerHTML = '<a href="#x" ping="' + URL + '">x</a>'; document.querySelector('a').click()`,
  download: `document.body.innerHTML = '<a download href="' + URL + '">x</a>'; document.querySelector('a').click()`,
};

/** Ways that not every build of Chromium goes, headless, in a background tab or behind a proxy: none is waited for. */
const NOT_ALWAYS = new Set([
  'audio',
  'dns-prefetch',
  'icon',
  'manifest',
  'pdf',
  'preconnect',
  'redirect-308',
  'speculation-prefetch',
  'track',
  'video',
  'webtransport',
]);

/** Every way, by name. */
export const WAYS: readonly string[] = [MARKUP, SCRIPTS, LEAVING, CLICKING].flatMap((ways) => Object.keys(ways));

/** The ways that Chromium is certain to try. */
export const CERTAIN_WAYS: readonly string[] = WAYS.filter((way) => !NOT_ALWAYS.has(way));

/**
 * Asks STUN and TURN servers on the canary's port, over UDP and TCP. Promises the candidates, once WebRTC has given up
 * on all servers, or the first of them: without a guard it goes on asking for a long time.
 */
export function webRtcScript(canaryPort: number): string {
  return `(async () => {
    const login = { username: 'u', credential: 'c' };
    const hosts = ['127.0.0.1', '[::1]', 'webrtc.canary.example'].map((host) => host + ':${canaryPort}');
    const iceServers = hosts.flatMap((host) => [
      { urls: 'stun:' + host },
      { urls: 'turn:' + host + '?transport=udp', ...login },
      { urls: 'turn:' + host + '?transport=tcp', ...login },
      { urls: 'turns:' + host + '?transport=tcp', ...login },
    ]);
    const peer = new RTCPeerConnection({ iceServers });
    peer.createDataChannel('x');
    await peer.setLocalDescription(await peer.createOffer());
    return new Promise((resolve) => {
      const look = () => peer.iceGatheringState === 'complete' && resolve([]);
      peer.onicecandidate = ({ candidate }) => candidate && resolve([candidate.candidate]);
      peer.onicegatheringstatechange = look;
      look();
    });
  })()`;
}

/** The pages of the attack site that go all ways to the canary's port. */
export function attackPages(canaryPort: number): AttackPages {
  const at: At = (way, scheme = 'http') => `${scheme}://${way}.canary.example:${canaryPort}/way/${way}`;
  const bound = (way: string, script: string): string => {
    const [url, socket] = [at(way), at(way, 'ws')].map((address) => JSON.stringify(address));
    return `try { void (async (URL, WS) => { ${script} })(${url}, ${socket}).catch(() => {}); } catch {}`;
  };
  return {
    html: Object.entries(MARKUP)
      .map(([way, markup]) => markup(at(way)))
      .join('\n'),
    script: Object.entries(SCRIPTS)
      .map(([way, script]) => bound(way, script))
      .join('\n'),
    leaving: Object.entries(LEAVING).map(([way, path]) => ({ way, path: path(at(way)) })),
    clicking: Object.entries(CLICKING).map(([way, script]) => ({ way, script: bound(way, script) })),
  };
}

/** Spellings of this machine's loopback addresses that a plain Chromium follows. */
export const LOOPBACK_SPELLINGS: readonly string[] = [
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.8.9.10',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '127.0.0.1.',
  '①②⑦.⓪.⓪.①',
  '127。0。0。1',
  'localhost',
  'localhost.',
  'LOCALHOST',
  'ｌｏｃａｌｈｏｓｔ',
  'deep.sub.localhost',
];

/** Hosts that are on this machine, or around it, or that carry such an address. */
export const OTHER_SPELLINGS: readonly string[] = [
  '0.0.0.0',
  '0',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::127.0.0.1]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b:1::7f00:1]',
  '[2002:7f00:1::1]',
  '[2001:0:7f00:1::1]',
  '169.254.169.254',
  '[fd00:ec2::254]',
  '100.100.100.200',
  '168.63.129.16',
  '[fe80::1]',
  '10.0.0.1',
  '172.16.0.1',
  '192.168.1.1',
  '224.0.0.251',
  '[ff02::1]',
  '255.255.255.255',
  'nas',
  'printer.local',
  'router.home.arpa',
  'metadata.google.internal',
];
