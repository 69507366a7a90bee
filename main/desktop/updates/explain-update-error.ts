import { describeError } from '../../protocol/describe-error.ts';

const LONGEST = 300;

/** Codes of electron-updater and of what it is made of, in words. */
const SENTENCES: Readonly<Record<string, string>> = {
  ERR_UPDATER_CHANNEL_FILE_NOT_FOUND: 'The update server has no versions for this system.',
  ERR_UPDATER_INVALID_UPDATE_INFO: 'The update server’s answer is not a list of versions.',
  ERR_UPDATER_INVALID_VERSION: 'The update server’s answer is not a list of versions.',
  ERR_UPDATER_NO_FILES_PROVIDED: 'The update server’s answer is not a list of versions.',
  ERR_CHECKSUM_MISMATCH: 'What came is not what was signed.',
};

/** What went wrong with an update, in a sentence: libraries put stacks and headers behind what a person can use. */
export function explainUpdateError(error: unknown): string {
  const { code, message } =
    error instanceof Error ? (error as NodeJS.ErrnoException) : { code: undefined, message: '' };
  const known = code === undefined ? undefined : SENTENCES[code];
  if (known !== undefined) return known;
  if (message.startsWith('net::'))
    return `The connection to the update server failed (${message.split(/\s/, 1)[0] ?? ''}).`;
  const status = /^(?:HttpError: )?(\d{3})\b/.exec(message)?.[1];
  if (status !== undefined) return `The update server answered ${status}.`;
  const [firstLine = ''] = (error instanceof Error ? message : String(error)).split('\n', 1);
  return describeError(firstLine).slice(0, LONGEST);
}
