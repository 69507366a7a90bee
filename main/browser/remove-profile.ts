import { readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';

/** Folders that Chromium, Chrome and Edge make in the system's temporary folder for their singleton socket. */
const SOCKET_FOLDER = /^\.?(org\.chromium\.Chromium|com\.google\.Chrome|com\.microsoft\.Edge)[.\w-]*$/;

/**
 * Removes the profile of a Chromium that has ended, and the folder of its singleton socket: that one lies outside the
 * profile, since the path of a socket must be short, and only a Chromium that ends by itself takes it away. Never
 * rejects; a file that is still held is tried again for a second.
 */
export async function removeProfile(profileFolder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 10, retryDelay: 100 };
  const socket = await readlink(join(profileFolder, 'SingletonSocket')).catch(() => null);
  if (socket !== null) {
    const socketFolder = dirname(socket);
    const isTemporary = dirname(socketFolder) === tmpdir() || dirname(socketFolder) === '/tmp';
    if (isTemporary && SOCKET_FOLDER.test(basename(socketFolder))) await rm(socketFolder, options).catch(() => {});
  }
  await rm(profileFolder, options).catch(() => {});
}
