import { taskTypeName } from '../../protocol/fields.ts';
import { PAGE_LIMITS } from '../../protocol/page-limits.ts';
import { textList, wholeNumber } from './setting.ts';

const HOUR_MS = 3_600_000;

/** What tasks may do on this machine. All of it is the host's: no hub and no payload changes it. */
export const taskSettings = {
  disabledTaskTypes: textList(
    {
      description: 'Task types that this machine does not carry out; hubs are not told of them.',
      environment: 'LEGWORK_DISABLED_TASK_TYPES',
      flag: '--disabled-task-types',
    },
    (text) => taskTypeName.parse(text),
    'a comma-separated list such as lighthouse_html',
  ),
  maxTaskMs: wholeNumber(
    {
      description: 'No attempt of a task takes longer, whatever its payload says.',
      environment: 'LEGWORK_MAX_TASK_MS',
      flag: '--max-task-ms',
    },
    { minimum: 5_000, maximum: 24 * HOUR_MS, unit: 'milliseconds', fallback: HOUR_MS },
  ),
  maxDocumentBytes: wholeNumber(
    {
      description: 'The largest document of a page, decoded, whatever a payload says.',
      environment: 'LEGWORK_MAX_DOCUMENT_BYTES',
      flag: '--max-document-bytes',
    },
    {
      minimum: PAGE_LIMITS.documentBytes.smallest,
      maximum: PAGE_LIMITS.documentBytes.largest,
      unit: 'bytes',
      fallback: PAGE_LIMITS.documentBytes.largest,
    },
  ),
  maxPageBytes: wholeNumber(
    {
      description: 'The most that one page may load, whatever a payload says.',
      environment: 'LEGWORK_MAX_PAGE_BYTES',
      flag: '--max-page-bytes',
    },
    {
      minimum: PAGE_LIMITS.totalBytes.smallest,
      maximum: PAGE_LIMITS.totalBytes.largest,
      unit: 'bytes',
      fallback: 256 * 1024 * 1024,
    },
  ),
  maxPageRequests: wholeNumber(
    {
      description: 'The most requests that one page may make, whatever a payload says.',
      environment: 'LEGWORK_MAX_PAGE_REQUESTS',
      flag: '--max-page-requests',
    },
    {
      minimum: PAGE_LIMITS.requests.smallest,
      maximum: PAGE_LIMITS.requests.largest,
      unit: 'requests',
      fallback: 10_000,
    },
  ),
};
