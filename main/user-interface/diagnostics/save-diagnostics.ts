import { open } from 'node:fs/promises';
import { type AsyncZippable, zip } from 'fflate';
import type { CallAnswer } from '../../../preload/contract.ts';
import type { CallContext } from '../calls/call-context.ts';
import { collectDiagnostics } from './collect-diagnostics.ts';

/** Makes one archive of everything that helps to find a fault, without secrets, queries of URLs and page content. */
export async function saveDiagnostics(context: CallContext): Promise<CallAnswer<'saveDiagnostics'>> {
  const time = new Date(context.clock.nowMs()).toISOString().slice(0, 16).replace('T', '-').replace(':', '');
  return context.shell.saveFile(`legwork-diagnostics-${time}.zip`, async (path) => {
    const archive = await compress(await collectDiagnostics(context));
    const file = await open(path, 'w', 0o600);
    try {
      await file.writeFile(archive);
    } finally {
      await file.close();
    }
  });
}

/** In threads of its own, so that nothing waits for it. */
function compress(files: Record<string, string>): Promise<Uint8Array> {
  const encoder = new TextEncoder();
  const entries: AsyncZippable = {};
  for (const [name, text] of Object.entries(files)) entries[name] = encoder.encode(text);
  return new Promise((resolve, reject) => {
    zip(entries, { level: 6 }, (error, archive) => (error === null ? resolve(archive) : reject(error)));
  });
}
