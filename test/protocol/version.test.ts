import { expect, it } from 'vitest';
import { LEGWORK_VERSION, PROTOCOL_VERSION } from '../../main/protocol/version.ts';
import { projectFile, VECTORS } from './vectors.ts';

it('reports the version of the package', () => {
  const description = JSON.parse(projectFile('package.json')) as { version: string };
  expect(LEGWORK_VERSION).toBe(description.version);
});

it('signs with the version of the protocol', () => {
  for (const vector of VECTORS) {
    expect(vector.canonical.startsWith(`v${PROTOCOL_VERSION}\n`)).toBe(true);
    expect(vector.signature.startsWith(`v${PROTOCOL_VERSION}=`)).toBe(true);
  }
});
