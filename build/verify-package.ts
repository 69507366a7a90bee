import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Stack, WORKER_ID, WORKER_SECRET } from '../test/e2e/stack.ts';
import { agreedBrowser } from '../test/support/desktop/agreed-browser.ts';
import { DesktopSession } from '../test/support/desktop/desktop-session.ts';
import { findDisplayAndBus } from '../test/support/desktop/electron-runtime.ts';
import { programName } from './packaging/configuration.ts';
import { findWrongFuses } from './packaging/fuses.ts';

/**
 * Looks at the packaged app as it would be installed: reads its fuses back, starts it on a display of its own against a
 * hub on this machine, and waits until the tray says that it is idle and connected, then until it has done and delivered a
 * task of each kind. With a folder as argument, that unpacked app; otherwise the one that `npm run package` has made.
 */
const UNPACKED: Partial<Record<NodeJS.Platform, string>> = { darwin: 'mac-universal', win32: 'win-unpacked' };
const LIMIT_MS = 180_000;

const projectFolder = fileURLToPath(new URL('..', import.meta.url));
const folder = process.argv[2] ?? join(projectFolder, 'out', 'package', UNPACKED[process.platform] ?? 'linux-unpacked');
const program = join(folder, programName(process.platform));
const problems: string[] = [];

function say(line: string): void {
  console.log(`verify-package: ${line}`);
}

/** Rejects with what was waited for when it takes too long. */
async function within<Answer>(what: string, answer: Promise<Answer>): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${LIMIT_MS / 1_000} s`)), LIMIT_MS);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}

async function untilTrayShows(session: DesktopSession, pattern: RegExp): Promise<string> {
  const tray = await session.trayIcon();
  for (;;) {
    const { toolTip } = await tray.face();
    if (pattern.test(toolTip)) return toolTip;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function runPackagedApp(dbusDaemonPath: string): Promise<void> {
  const stack = new Stack();
  const session = await DesktopSession.start(dbusDaemonPath);
  let output = '';
  try {
    await stack.startHub();
    const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const app = spawn(program, [...asRoot, '--hidden', `--data=${join(session.folder, 'data')}`], {
      env: {
        ...session.environment,
        ...(await agreedBrowser()),
        LARAVEL_INTERNAL_URL: stack.hubUrl,
        WORKER_ID,
        LOCALBROWSER_SECRET: WORKER_SECRET,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [app.stdout, app.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output = (output + text).slice(-20_000);
      });
    }
    const exited = new Promise<number | null>((resolve) => app.once('exit', resolve));
    const gone = exited.then((code) => {
      throw new Error(`the app ended with ${code} before it was told to`);
    });
    gone.catch(() => {});
    const toolTip = await within(
      'idle and connected',
      Promise.race([untilTrayShows(session, /Connected, waiting for work/), gone]),
    );
    say(`the tray says ${JSON.stringify(toolTip)}`);
    for (const type of ['website_html', 'lighthouse_html']) {
      const jobs = [{ type, payload: { url: `${stack.siteUrl}/page` } }];
      const [id = ''] = await stack.operator.createJobs(jobs, `verify-${type}`);
      const status = await within(type, Promise.race([stack.jobEnds(id), gone]));
      if (status === 'completed') say(`${type}: completed and delivered`);
      else problems.push(`${type} is ${status}: ${JSON.stringify(await stack.operator.job(id))}`);
    }
    app.kill('SIGTERM');
    const code = await within('the end after SIGTERM', exited);
    if (code !== 0) problems.push(`it ended with ${code} after SIGTERM`);
    const left = session.processes();
    if (left.length > 0) problems.push(`processes are left behind: ${left.join('; ')}`);
  } catch (error) {
    problems.push(`${error instanceof Error ? error.message : String(error)}\n${output}`);
  } finally {
    await session.close();
    await stack.close();
  }
}

if (!existsSync(program)) {
  console.error(`verify-package: there is no ${program}. Run \`npm run package\` first.`);
  process.exit(2);
}
problems.push(...(await findWrongFuses(program)));
if (problems.length === 0) say('every fuse is as it should be');
const runtime = findDisplayAndBus();
if (runtime.available) await runPackagedApp(runtime.dbusDaemonPath);
else say(`the app is not started here. ${runtime.sentence}`);

for (const problem of problems) console.error(`verify-package: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
