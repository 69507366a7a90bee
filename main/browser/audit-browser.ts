import { LegworkError } from '../protocol/error-table.ts';
import type { TaskHostSettings } from '../protocol/task-host-messages.ts';
import type { BrowserGuard, PageNetwork } from './network-guard/page-network.ts';
import { launchChromium, type LaunchedChromium } from './launch-chromium.ts';

/**
 * The features that chrome-launcher turns off, from which the `lighthouse` command line starts its browser. The list
 * takes the place of the page lane's: that one turns off the back/forward cache, say, which Lighthouse audits.
 */
const DISABLED_FEATURES = [
  'Translate',
  'OptimizationHints',
  'MediaRouter',
  'DialMediaRouteProvider',
  'CalculateNativeWinOcclusion',
  'InterestFeedContentSuggestions',
  'CertificateTransparencyComponentUpdater',
  'AutofillServerCommunication',
  'PrivacySandboxSettings4',
  'RenderDocument',
];

/** What an audit's browser is started with beside the page lane's arguments, so that scores are the command line's. */
export const AUDIT_ARGUMENTS: readonly string[] = [
  `--disable-features=${DISABLED_FEATURES.join(',')}`,
  '--enable-features=DevToolsWebMCPSupport',
  '--disable-ipc-flooding-protection',
  '--force-fieldtrials=*BackgroundTracing/default/',
  '--propagate-iph-for-testing',
  ...(process.platform === 'linux' ? ['--disable-setuid-sandbox'] : []),
];

/** A browser for one audit, with the port that Lighthouse drives it through. */
export interface AuditBrowser extends LaunchedChromium {
  readonly debuggingPort: number;
  /** Everything that it sends goes this way; closed after the browser. */
  readonly network: PageNetwork;
}

/**
 * Starts a full Chromium for one audit: a new profile each time, so that no audit finds what another left behind. The
 * headless shell would do for the audits but gives other scores.
 * @throws LegworkError `browser_missing`, `browser_failed`
 */
export async function launchAuditBrowser(
  settings: Pick<TaskHostSettings, 'chromiumPath' | 'runFolder' | 'sandbox'>,
  guard: BrowserGuard,
): Promise<AuditBrowser> {
  if (settings.chromiumPath === null) {
    throw new LegworkError('browser_missing', 'Audits need the full Chromium; the headless shell is not enough.');
  }
  const network = await guard.open();
  const browser = await launchChromium({
    kind: 'chromium',
    executablePath: settings.chromiumPath,
    runFolder: settings.runFolder,
    sandbox: settings.sandbox,
    debuggingPort: true,
    extraArguments: [...guard.chromiumArguments(network), ...AUDIT_ARGUMENTS],
  }).catch(async (error: unknown) => {
    await network.close();
    throw error;
  });
  void browser.exited.then(() => network.close());
  const { debuggingPort } = browser;
  if (debuggingPort === null) {
    await browser.close(0);
    throw new LegworkError('browser_failed', 'It opened no debugging port.');
  }
  // A page that reached it could drive the browser.
  const unprotect = guard.protectLocalPort(debuggingPort);
  void browser.exited.then(unprotect);
  return { ...browser, debuggingPort, network };
}
