import type { AgentConfig } from '../../agent/config/config-schema.ts';
import type { Credentials } from '../../agent/secrets/credentials.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { checkBrowsers } from './check-browser.ts';
import { type CheckResult, fail, ok } from './check.ts';
import { checkHub } from './check-hub.ts';

/**
 * What the doctor finds while an agent runs in this process. Without the store: to look at a database file that this
 * process has open would take its locks away (POSIX fcntl).
 */
export async function diagnosticChecks(config: AgentConfig, credentials: Credentials | null): Promise<CheckResult[]> {
  const broken = (name: string) => (error: unknown) => [fail(name, describeError(error), 'See the message.')];
  return [
    ok('node', `Node ${process.versions.node} on ${process.platform} ${process.arch}.`),
    ...(await checkBrowsers(config).catch(broken('chromium'))),
    ...(await checkHub(config.hubUrl, credentials).catch(broken('hub'))),
  ];
}
