import { runContender } from '../../contender-program.ts';
import { startFloor } from '../../floor.ts';

/** The floor as a contender: a bare loop over the DevTools protocol in a warm browser. */
await runContender((settings) =>
  startFloor({
    executablePath: settings.chromiumPath,
    kind: settings.browserKind,
    runFolder: settings.outputFolder,
    sandbox: settings.sandbox,
    viewport: settings.viewport,
    screenshotQuality: settings.screenshotQuality,
  }),
);
