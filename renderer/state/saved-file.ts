import { assertNever } from '../format/assert-never.ts';
import type { CallAnswer } from '../../preload/contract.ts';

/** Fetches a file that was made for the person where it is offered for download. @returns where it is; null: cancelled */
export function takeSavedFile(file: CallAnswer<'saveDiagnostics'>): string | null {
  switch (file.kind) {
    case 'saved':
      return file.path;
    case 'download': {
      const link = document.createElement('a');
      link.href = file.path;
      link.download = '';
      link.click();
      return 'It is among your downloads.';
    }
    case 'cancelled':
      return null;
    default:
      return assertNever(file);
  }
}
