import { fileURLToPath } from 'node:url';

/**
 * What tests add to the environment of a program of Node that they start from the sources: where it finds them stripped
 * of their types and compiled, once another one has ended in order. Half of its start is that.
 */
export const COMPILE_CACHE: Readonly<Record<string, string>> = {
  NODE_COMPILE_CACHE: fileURLToPath(new URL('../../node_modules/.cache/legwork-test-programs', import.meta.url)),
};
