import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runSilently, runToEnd } from './setup-child.mjs';
import { BUILD_COMMANDS } from './setup-programs.mjs';
import { PROJECT_FOLDER } from './setup-paths.mjs';
import { showStep } from './setup-step.mjs';

/** `npm start`: builds the desktop app and opens it, or says in a sentence what is missing for that. */
const ELECTRON_FOLDER = join(PROJECT_FOLDER, 'node_modules', 'electron');
const PROGRAM =
  { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron';
const DOWNLOAD_COMMAND = 'npx install-electron --no';

function fail(sentence) {
  console.error(`legwork: ${sentence}`);
  process.exit(1);
}

function checkDisplay() {
  if (process.platform !== 'linux') return;
  if (process.env.DISPLAY || process.env.WAYLAND_DISPLAY) return;
  fail(
    'there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set), so that the app cannot open a window. ' +
      'Without one, `npm run demo` shows the whole way in the terminal, and `npm run legwork agent` runs the agent.',
  );
}

async function electronProgram() {
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH;
  if (dist) {
    const program = join(dist, PROGRAM);
    if (!existsSync(program)) fail(`ELECTRON_OVERRIDE_DIST_PATH is set, but there is no ${program}.`);
    return program;
  }
  const program = join(ELECTRON_FOLDER, 'dist', PROGRAM);
  if (!existsSync(program)) {
    await showStep(
      'downloading Electron',
      () => runSilently(process.execPath, [join(ELECTRON_FOLDER, 'install.js')]),
      `Check the connection to github.com, then get it with:  ${DOWNLOAD_COMMAND}`,
    );
    if (!existsSync(program)) fail(`Electron's program is missing. Get it with:  ${DOWNLOAD_COMMAND}`);
  }
  return program;
}

/** Chromium refuses to run as root with its sandbox; who starts it so has been told. */
function sandboxArguments() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return [];
  console.error(
    'legwork: this is root, so the window runs without its sandbox (--no-sandbox). Better use another user.',
  );
  return ['--no-sandbox'];
}

checkDisplay();
try {
  const program = await electronProgram();
  for (const command of BUILD_COMMANDS) {
    const exitCode = await runToEnd(process.execPath, command);
    if (exitCode !== 0) fail('the app could not be built; see above.');
  }
  process.exitCode = await runToEnd(program, [...sandboxArguments(), PROJECT_FOLDER, ...process.argv.slice(2)]);
} catch (error) {
  fail(process.env.LEGWORK_DEBUG ? error.stack : error.message);
}
