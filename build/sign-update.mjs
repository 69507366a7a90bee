import { readFileSync, writeFileSync } from 'node:fs';
// A dependency of electron-updater, which reads the same files with it.
import { load } from 'js-yaml';
import { signUpdate, updateManifest } from '../main/desktop/updates/verify-update.ts';

/**
 * `node build/sign-update.mjs <latest….yml>…`: signs what electron-builder wrote for the update server, with the
 * Ed25519 key (PEM) in `LEGWORK_UPDATE_PRIVATE_KEY`. Copies take only versions whose signature fits the key that they
 * were built with (`LEGWORK_UPDATE_PUBLIC_KEY`).
 */
const files = process.argv.slice(2);
const privateKey = process.env.LEGWORK_UPDATE_PRIVATE_KEY ?? '';
if (files.length === 0 || privateKey === '') {
  console.error('Usage: LEGWORK_UPDATE_PRIVATE_KEY=<PEM> node build/sign-update.mjs <latest.yml>…');
  process.exit(2);
}
for (const file of files) {
  const text = readFileSync(file, 'utf8').replace(/^legworkSignature:.*\n?/m, '');
  const signature = signUpdate(updateManifest.parse(load(text)), privateKey);
  writeFileSync(file, `${text.replace(/\n*$/, '\n')}legworkSignature: ${signature}\n`);
  console.log(`${file} is signed`);
}
