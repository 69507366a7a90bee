import { accessSync, constants, mkdirSync, type Stats, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeError } from '../protocol/describe-error.ts';
import { CommandError } from './command-error.ts';

/**
 * Makes a data folder and those above it, where they are missing, and sees to it that whatever this process and its
 * children make from now on is its owner's alone (files 0600, folders 0700). What is there keeps its mode.
 * @throws CommandError `configuration` when the path leads to or through something that is no folder, `failure` when
 *   the folder cannot be made or written
 */
export function prepareDataFolder(path: string): void {
  process.umask(0o077);
  const folder = resolve(path);
  try {
    makeStepwise(folder);
    accessSync(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw new CommandError('failure', `The data folder ${folder} cannot be made or written: ${describeError(error)}.`, {
      cause: error,
    });
  }
}

/** One folder at a time: the recursive mkdir of Node never ends where a parent exists and refuses, as /proc does. */
function makeStepwise(folder: string): void {
  const found = statIfThere(folder);
  if (found === null) {
    makeStepwise(dirname(folder));
    makeOne(folder);
  } else if (!found.isDirectory()) {
    throw new CommandError('configuration', `${folder} is not a folder. Choose another data folder with --data.`);
  }
}

function makeOne(folder: string): void {
  try {
    mkdirSync(folder, { mode: 0o700 });
  } catch (error) {
    // Another program may have made it meanwhile.
    if (statIfThere(folder)?.isDirectory() !== true) throw error;
  }
}

function statIfThere(path: string): Stats | null {
  try {
    return statSync(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if ((code === 'ENOENT' && dirname(path) !== path) || code === 'ENOTDIR') return null;
    throw error;
  }
}
