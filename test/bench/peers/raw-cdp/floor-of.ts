import type { ContenderSettings } from '../../contender.ts';
import { startFloor, type Floor } from '../../floor.ts';

/** The floor as a contender's settings have it. */
export function floorOf(settings: ContenderSettings): Promise<Floor> {
  return startFloor({
    executablePath: settings.chromiumPath,
    kind: settings.browserKind,
    runFolder: settings.outputFolder,
    sandbox: settings.sandbox,
    viewport: settings.viewport,
    screenshotQuality: settings.screenshotQuality,
  });
}
