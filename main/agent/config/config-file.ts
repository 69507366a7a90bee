import { readFile, stat } from 'node:fs/promises';
import { ConfigurationError } from './configuration-error.ts';

/** A configuration file as it was read: a JSON object whose keys are names of settings. */
export interface ConfigFile {
  path: string;
  values: Record<string, unknown>;
  warnings: string[];
}

/** Line and column, from 1, of the place where `JSON.parse` gave up, or null where its message does not tell. */
function placeOfSyntaxError(text: string, message: string): string | null {
  const position = /position (\d+)/.exec(message)?.[1];
  if (position === undefined) return null;
  const before = text.slice(0, Number(position)).split('\n');
  return `line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}`;
}

function parse(path: string, text: string): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const place = text.trim() === '' ? 'the file is empty' : (placeOfSyntaxError(text, message) ?? 'at its end');
    throw new ConfigurationError([`${path}: this is not JSON (${place}). An empty configuration is {}.`]);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigurationError([`${path}: it must hold one JSON object, such as {"maxConcurrentTasks": 4}.`]);
  }
  return parsed as Record<string, unknown>;
}

/**
 * Reads a configuration file; null when it is not there and need not be.
 * @throws ConfigurationError when it cannot be read or does not hold a JSON object, with the place
 */
export async function readConfigFile(path: string, { mustExist }: { mustExist: boolean }): Promise<ConfigFile | null> {
  let text: string;
  try {
    // A byte order mark is what some editors put first; it is no part of JSON (RFC 8259, section 8.1).
    text = (await readFile(path, 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if ((code === 'ENOENT' || code === 'ENOTDIR') && !mustExist) return null;
    const reason =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : `cannot be read (${code})`;
    throw new ConfigurationError([`${path}: ${reason}.`]);
  }
  const values = parse(path, text);
  const warnings: string[] = [];
  if (Object.hasOwn(values, 'secret') && process.platform !== 'win32' && ((await stat(path)).mode & 0o077) !== 0) {
    warnings.push(`${path} holds the secret and other users of this machine may read it; run: chmod 600 ${path}`);
  }
  return { path, values, warnings };
}
