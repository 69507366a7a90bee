import { parentPort } from 'node:worker_threads';
import type { Flags, Result } from 'lighthouse';

/**
 * The program of the thread that Lighthouse runs in. It has a thread to itself because it computes for seconds without
 * a pause, may use up its memory on a large page, leaves promises behind that reject when its browser is closed, and
 * cannot be stopped otherwise. It imports nothing of Legwork, so that it can be put beside a program built of one file.
 */

/** What the thread is asked, once. */
export interface AuditQuestion {
  url: string;
  formFactor: 'mobile' | 'desktop';
  /** What the emulated user agent is to end with; '' for nothing. */
  userAgentSuffix: string;
  flags: Flags;
}

/** An event of the DevTools protocol about the request of a document. */
export interface DocumentEvent {
  method: string;
  params: unknown;
}

/** What it answers, once. */
export type AuditAnswer =
  | { kind: 'report'; json: string; html: string }
  | { kind: 'unknown_audit'; audit: string }
  | { kind: 'failure'; code: string | null; message: string; documentEvents: DocumentEvent[] };

const DOCUMENT_EVENTS = new Set(['Network.requestWillBeSent', 'Network.responseReceived', 'Network.loadingFailed']);

async function answer({ url, formFactor, userAgentSuffix, flags }: AuditQuestion): Promise<AuditAnswer> {
  const lighthouse = await lighthouseModule;
  const unknown = unknownAudit(flags.onlyAudits ?? [], lighthouse.getAuditList());
  if (unknown !== undefined) return { kind: 'unknown_audit', audit: unknown };
  try {
    const config = formFactor === 'desktop' ? lighthouse.desktopConfig : undefined;
    const { emulatedUserAgent } = (config ?? lighthouse.defaultConfig).settings ?? {};
    const identity =
      userAgentSuffix === '' || typeof emulatedUserAgent !== 'string'
        ? {}
        : { emulatedUserAgent: `${emulatedUserAgent} ${userAgentSuffix}` };
    // The reports are made below: formatted here they would be made even for an audit that failed.
    const run = await lighthouse.default(url, { ...flags, ...identity, output: [] }, config);
    if (run === undefined) return { kind: 'failure', code: null, message: 'no result', documentEvents: [] };
    const { runtimeError } = run.lhr;
    if (runtimeError !== undefined) {
      const log = run.artifacts.DevtoolsLogError ?? run.artifacts.DevtoolsLog ?? [];
      return { kind: 'failure', ...runtimeError, documentEvents: documentEvents(log) };
    }
    return { kind: 'report', ...reports(run.lhr, lighthouse.generateReport) };
  } catch (thrown) {
    return { kind: 'failure', ...describeThrown(thrown), documentEvents: [] };
  }
}

function reports(
  result: Result,
  generateReport: (result: Result, format: 'json' | 'html') => string,
): { json: string; html: string } {
  // The reports are stored and passed on; a cookie or an authorization has no place in them.
  for (const name of Object.keys(result.configSettings.extraHeaders ?? {})) {
    result.configSettings.extraHeaders = { ...result.configSettings.extraHeaders, [name]: '(not kept)' };
  }
  return { json: generateReport(result, 'json'), html: generateReport(result, 'html') };
}

/** Lighthouse would leave an audit out that it does not know, and the operator would miss it without a word. */
function unknownAudit(wanted: readonly string[], files: readonly string[]): string | undefined {
  const known = new Set(files.map((file) => file.replace(/^.*\//, '').replace(/\.js$/, '')));
  return wanted.find((audit) => !known.has(audit));
}

function documentEvents(log: readonly { method: string; params?: unknown }[]): DocumentEvent[] {
  return log
    .filter(({ method, params }) => {
      if (!DOCUMENT_EVENTS.has(method) || typeof params !== 'object' || params === null) return false;
      return 'type' in params && params.type === 'Document';
    })
    .map(({ method, params }) => ({ method, params }));
}

/** Lighthouse's own errors have a code, and a message for people. */
function describeThrown(thrown: unknown): { code: string | null; message: string } {
  if (!(thrown instanceof Error)) return { code: null, message: String(thrown) };
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : null;
  const friendly = 'friendlyMessage' in thrown ? thrown.friendlyMessage : undefined;
  return { code, message: typeof friendly === 'string' ? friendly : thrown.message };
}

// Half a second, which passes while the browser starts.
const lighthouseModule = import('lighthouse');

// What the audit comes to is told by its own promise; loops that it leaves behind reject when a page or browser goes.
process.on('unhandledRejection', () => undefined);

parentPort?.once('message', (question: AuditQuestion) => {
  void answer(question).then((reply) => parentPort?.postMessage(reply, []));
});
