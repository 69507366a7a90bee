import { SANDBOX_ADVICE, sandboxObstacle } from '../browser/chromium-sandbox.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { CommandError } from './command-error.ts';

/** Whether browsers are started with Chromium's own sandbox, and if not, why. */
export type SandboxDecision = { sandbox: true } | { sandbox: false; obstacle: string };

/**
 * On wherever it can be had. Where it cannot, an agent must not run other people's work without having been told so.
 * @param find names the obstacle, or null; another one in tests
 * @throws CommandError `noSandbox` that says why and what to do
 */
export async function decideSandbox(
  config: { readonly allowNoSandbox: boolean },
  browsers: readonly BrowserInformation[],
  find: typeof sandboxObstacle = sandboxObstacle,
): Promise<SandboxDecision> {
  const obstacle = await find(browsers);
  if (obstacle === null) return { sandbox: true };
  if (config.allowNoSandbox) return { sandbox: false, obstacle };
  throw new CommandError('noSandbox', `Chromium's own sandbox cannot be had: ${obstacle} ${SANDBOX_ADVICE}`);
}
