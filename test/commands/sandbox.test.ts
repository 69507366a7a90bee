import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { decideSandbox } from '../../main/commands/decide-sandbox.ts';
import { EXIT_CODES } from '../../main/commands/exit-codes.ts';
import { type LegworkProgram, startLegwork, PROGRAM_LIMITS } from '../support/legwork-program.ts';
import { runLegwork } from './run-legwork.ts';

vi.setConfig(PROGRAM_LIMITS);

const isRootOnLinux = process.platform === 'linux' && process.getuid?.() === 0;
let folder: string;
let agent: LegworkProgram | null;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-test-sandbox-'));
  agent = null;
});
afterEach(async () => {
  agent?.child.kill('SIGKILL');
  await agent?.exited;
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

describe('the decision about the sandbox', () => {
  const refused = (): Promise<string> => Promise.resolve('No namespaces.');
  const works = (): Promise<null> => Promise.resolve(null);

  it.each([true, false])('is on wherever it works, also when it might be off (allowed: %s)', async (allowNoSandbox) => {
    expect(await decideSandbox({ allowNoSandbox }, [], works)).toEqual({ sandbox: true });
  });

  it('is off where it does not work and the host allows it', async () => {
    const decision = await decideSandbox({ allowNoSandbox: true }, [], refused);
    expect(decision).toEqual({ sandbox: false, obstacle: 'No namespaces.' });
  });

  it('is a refusal where it does not work otherwise, with the cause and what to do', async () => {
    const deciding = decideSandbox({ allowNoSandbox: false }, [], refused);
    await expect(deciding).rejects.toMatchObject({ exit: 'noSandbox' });
    await expect(deciding).rejects.toThrow(
      /No namespaces\..*ordinary user.*LEGWORK_ALLOW_NO_SANDBOX=1.*--allow-no-sandbox/,
    );
  });
});

describe.skipIf(!isRootOnLinux)('an agent of root', () => {
  it('refuses to start, says what to do, and has begun nothing', async () => {
    const environment = { LEGWORK_DATA_FOLDER: folder, LEGWORK_ALLOW_NO_SANDBOX: '' };
    const ended = await runLegwork(['agent'], { environment });
    expect(ended.code).toBe(EXIT_CODES.noSandbox.code);
    expect(ended.stderr).toMatch(/^legwork: Chromium's own sandbox cannot be had: This is root/);
    expect(ended.stderr).toContain('--allow-no-sandbox');
    expect(readdirSync(folder)).not.toContain('legwork.sqlite');
  });

  it('starts when it is told so explicitly, and says so', async () => {
    const environment = { LEGWORK_DATA_FOLDER: folder, LEGWORK_ALLOW_NO_SANDBOX: '' };
    agent = startLegwork(['agent', '--json', '--allow-no-sandbox'], environment);
    await agent.line(/"event":"ready".*"sandbox":false/);
  });

  it.each([
    ['', 'fail'],
    ['1', 'warn'],
  ])('is told by doctor (LEGWORK_ALLOW_NO_SANDBOX=%s): %s', async (allowed, status) => {
    const environment = { LEGWORK_DATA_FOLDER: folder, LEGWORK_ALLOW_NO_SANDBOX: allowed };
    const ended = await runLegwork(['doctor', '--json'], { environment });
    const { checks } = JSON.parse(ended.stdout) as { checks: { name: string; status: string; detail: string }[] };
    const check = checks.find(({ name }) => name === 'sandbox');
    expect(check?.status).toBe(status);
    expect(check?.detail).toContain('root');
  });
});

describe.skipIf(!isRootOnLinux)('the demo of root', () => {
  const environment = (): Record<string, string> => ({ TMPDIR: folder, LEGWORK_ALLOW_NO_SANDBOX: '' });

  it(
    'needs no permission for the site that comes with it, and says that it goes without',
    { timeout: 180_000 },
    async () => {
      agent = startLegwork(['demo', '--results', join(folder, 'results')], environment());
      await agent.line(/without Chromium's own sandbox, since this is root; only the bundled site is loaded/);
      agent.child.kill('SIGINT');
      await agent.exited;
    },
  );

  it('needs it for other sites, as any agent does', { timeout: 180_000 }, async () => {
    agent = startLegwork(['demo', 'https://site.example/', '--results', join(folder, 'results')], environment());
    const { code } = await agent.exited;
    expect(code).not.toBe(0);
    expect(agent.output()).toContain('LEGWORK_ALLOW_NO_SANDBOX=1');
  });
});
