import { randomBytes } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { parseSealed } from './sealed-secret.ts';
import { type SecretStore, SecretStoreError } from './secret-store.ts';

const fileContent = z.record(z.string(), z.string());
type FileContent = z.infer<typeof fileContent>;

/** Permission bits of group and others. */
const BITS_OF_OTHERS = 0o077;

/**
 * Secrets in one JSON file that only its owner can read (mode 0600; on Windows the user profile's access list guards
 * it). A file that others could read is closed to them and `warn` is told, since an agent that nobody watches must
 * start again after its folder was restored from a backup; a file of another user is refused.
 */
export class FileSecretStore implements SecretStore {
  readonly #path: string;
  readonly #warn: (message: string) => void;
  /** The end of the last change, so that changes of one process never overwrite each other. */
  #lastChange: Promise<void> = Promise.resolve();

  constructor(path: string, warn: (message: string) => void = () => undefined) {
    this.#path = path;
    this.#warn = warn;
  }

  async read(name: string): Promise<string | null> {
    const stored = await this.readStored(name);
    if (stored === null || parseSealed(stored) === null) return stored;
    throw new SecretStoreError(
      `The secrets in ${this.#path} are sealed with this person's key ring, which only the desktop app opens, and only ` +
        'while the key ring is there. Unlock it, or run `legwork enrol` again.',
    );
  }

  /** The value as it stands in the file, sealed or not. */
  async readStored(name: string): Promise<string | null> {
    await this.#lastChange;
    const content = await this.#readAll();
    return Object.hasOwn(content, name) ? (content[name] ?? null) : null;
  }

  write(name: string, value: string): Promise<void> {
    return this.#change((content) => ({ ...content, [name]: value }));
  }

  delete(name: string): Promise<void> {
    return this.#change((content) => Object.fromEntries(Object.entries(content).filter(([key]) => key !== name)));
  }

  #change(edit: (content: FileContent) => FileContent): Promise<void> {
    const change = this.#lastChange.then(async () => this.#writeAll(edit(await this.#readAll())));
    this.#lastChange = change.catch(() => undefined);
    return change;
  }

  async #readAll(): Promise<FileContent> {
    let text: string;
    try {
      const file = await open(this.#path, 'r');
      try {
        await this.#checkAccess(file);
        text = await file.readFile('utf8');
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
      throw this.#failure('cannot be read', error);
    }
    try {
      return fileContent.parse(JSON.parse(text));
    } catch {
      // The parser's message could quote the content, so it is not passed on.
      throw new SecretStoreError(
        `The secret file ${this.#path} is damaged. Delete it and run \`legwork enrol\` again.`,
      );
    }
  }

  async #checkAccess(file: FileHandle): Promise<void> {
    if (process.platform === 'win32') return;
    const { mode, uid } = await file.stat();
    const self = process.getuid?.();
    if (self !== undefined && self !== 0 && uid !== self) {
      throw new SecretStoreError(
        `The secret file ${this.#path} belongs to another user. Give it to the one who runs Legwork.`,
      );
    }
    if ((mode & BITS_OF_OTHERS) === 0) return;
    await file.chmod(0o600);
    const was = (mode & 0o777).toString(8).padStart(4, '0');
    this.#warn(
      `The secret file ${this.#path} was open to other users of this machine (mode ${was}); it is closed now (0600). ` +
        'If one of them may have read it, have the secret rotated.',
    );
  }

  /** Replaces the file as a whole: after a crash there is the old one or the new one, never a part. */
  async #writeAll(content: FileContent): Promise<void> {
    const folder = dirname(this.#path);
    const temporary = join(folder, `.secrets-${randomBytes(6).toString('hex')}.tmp`);
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(temporary, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(content), 'utf8');
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path);
      await syncFolder(folder);
    } catch (error) {
      await rm(temporary, { force: true }).catch(() => undefined);
      throw this.#failure('cannot be written', error);
    }
  }

  #failure(what: string, error: unknown): SecretStoreError {
    if (error instanceof SecretStoreError) return error;
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    return new SecretStoreError(`The secret file ${this.#path} ${what} (${code}).`, { cause: error });
  }
}

/** Makes the renaming itself durable; a folder cannot be opened for that on Windows, where it is not needed. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Where the secrets of a data folder are. */
export function secretFilePath(dataFolder: string): string {
  return join(dataFolder, 'secrets.json');
}
