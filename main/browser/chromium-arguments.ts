import { statfsSync } from 'node:fs';
import { closedUnlessProxied } from './network-guard/chromium-proxy.ts';

/** Chromium's shared memory goes to /tmp when /dev/shm is smaller than this (containers often have 64 MB). */
const SHARED_MEMORY_NEEDED_BYTES = 512 * 1024 * 1024;

/** Features that would talk to somebody, change what a page gets, or draw a user interface that nobody sees. */
const DISABLED_FEATURES = [
  // http:// addresses are visited as they are given, not tried as https:// first.
  'HttpsUpgrades',
  'HttpsFirstBalancedModeAutoEnable',
  // Requests to the browser's maker, or to devices in the neighbourhood.
  'AutofillServerCommunication',
  'CertificateTransparencyComponentUpdater',
  'DialMediaRouteProvider',
  'InterestFeedContentSuggestions',
  'MediaRouter',
  'OptimizationHints',
  'Translate',
  // A page that was left must not live on and use memory.
  'BackForwardCache',
  // Background pages render like the one in front.
  'CalculateNativeWinOcclusion',
  'PaintHolding',
];

/** What does not depend on the machine or the settings: every argument with its reason. */
const FIXED_ARGUMENTS: readonly [argument: string, reason: string][] = [
  ['--no-first-run', 'no welcome pages'],
  ['--no-default-browser-check', 'no question that nobody answers'],
  ['--disable-default-apps', 'no apps that come with the browser'],
  ['--disable-extensions', 'nothing of the machine’s own browser takes part'],
  ['--disable-component-extensions-with-background-pages', 'no built-in extension that loads pages'],
  ['--disable-background-networking', 'nothing but the page’s own requests leaves the machine'],
  ['--disable-component-update', 'no downloads of browser parts'],
  ['--disable-sync', 'no account'],
  ['--disable-domain-reliability', 'no reports to the browser’s maker'],
  ['--disable-client-side-phishing-detection', 'no lists are fetched, nothing is reported'],
  ['--disable-breakpad', 'no crash reports'],
  ['--disable-crash-reporter', 'no crash-report process that outlives the browser'],
  ['--metrics-recording-only', 'no usage statistics are sent'],
  ['--disable-field-trial-config', 'the same features on every machine'],
  ['--disable-quic', 'everything goes over TCP, where a proxy can see it'],
  ['--disable-gpu', 'software drawing: the same picture everywhere, and one process less'],
  ['--disable-background-timer-throttling', 'a page in the background runs as if in front'],
  ['--disable-backgrounding-occluded-windows', 'the same'],
  ['--disable-renderer-backgrounding', 'the same'],
  ['--disable-hang-monitor', 'no dialog about a busy page; the deadline stops it'],
  ['--disable-prompt-on-repost', 'no dialog on a reload'],
  ['--hide-scrollbars', 'none in screenshots'],
  ['--force-color-profile=srgb', 'the same colours on every machine'],
  ['--mute-audio', 'pages are silent'],
  ['--password-store=basic', 'the machine’s key ring is left alone'],
  ['--use-mock-keychain', 'the same on macOS'],
  ['--no-service-autorun', 'nothing starts with the system'],
  ['--window-size=1280,720', 'the default viewport'],
];

/** What decides about the arguments of one browser. */
export interface ChromiumArgumentOptions {
  readonly kind: 'chromium' | 'headless_shell';
  readonly profileFolder: string;
  /** Chromium's own sandbox. */
  readonly sandbox: boolean;
  /** Opens a DevTools port of the system's choice beside the pipe. */
  readonly debuggingPort: boolean;
  /** Added at the end, where they win over the same ones before. Without a proxy among them nothing gets out. */
  readonly extraArguments: readonly string[];
}

/** The whole command line of a browser, without the program. */
export function chromiumArguments(options: ChromiumArgumentOptions): string[] {
  const argumentList = FIXED_ARGUMENTS.map(([argument]) => argument);
  argumentList.push(`--disable-features=${DISABLED_FEATURES.join(',')}`);
  argumentList.push(`--user-data-dir=${options.profileFolder}`, '--remote-debugging-pipe');
  if (options.debuggingPort) argumentList.push('--remote-debugging-port=0');
  if (options.kind === 'chromium') argumentList.push('--headless=new', '--no-startup-window');
  if (!options.sandbox) argumentList.push('--no-sandbox');
  if (isSharedMemorySmall()) argumentList.push('--disable-dev-shm-usage');
  argumentList.push(...closedUnlessProxied(options.extraArguments), ...options.extraArguments);
  return argumentList;
}

function isSharedMemorySmall(): boolean {
  if (process.platform !== 'linux') return false;
  try {
    const { bsize, blocks } = statfsSync('/dev/shm');
    return bsize * blocks < SHARED_MEMORY_NEEDED_BYTES;
  } catch {
    return true;
  }
}
