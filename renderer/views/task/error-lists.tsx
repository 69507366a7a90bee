import { CircleCheck } from 'lucide-react';
import { formatCount } from '../../format/number.ts';
import { plainText, shorten } from '../../format/plain-text.ts';
import styles from './error-lists.module.css';
import type { WebsiteResult } from './result-reading.ts';

const MAX_TEXT = 4_000;

/** What a page logged as errors. */
export function ConsoleErrors({ errors }: { errors: WebsiteResult['consoleErrors'] }) {
  if (errors.length === 0) return <Nothing>The page logged no errors.</Nothing>;
  return (
    <ul className={styles.list}>
      {errors.map((error, index) => (
        <li key={index} className={styles.entry}>
          <code className={`${styles.text} selectable`}>{plainText(shorten(error.text, MAX_TEXT))}</code>
          {error.url !== null && (
            <bdi className={`${styles.place} selectable`}>
              {plainText(shorten(error.url, 300))}
              {error.line !== null && `:${error.line}`}
            </bdi>
          )}
        </li>
      ))}
    </ul>
  );
}

interface FailedRequestsProps {
  requests: WebsiteResult['failedRequests'];
  requestCount: number | null;
}

/** Requests of a page that were not answered well. */
export function FailedRequests({ requests, requestCount }: FailedRequestsProps) {
  if (requests.length === 0) {
    return (
      <Nothing>
        {requestCount === null ? 'No request failed.' : `None of ${formatCount(requestCount, 'request')} failed.`}
      </Nothing>
    );
  }
  return (
    <ul className={styles.list}>
      {requests.map((request, index) => (
        <li key={index} className={styles.entry}>
          <span className={styles.request}>
            <strong className="numbers">{request.status ?? 'No answer'}</strong>
            <span>{plainText(request.type)}</span>
            {request.error !== null && <code>{plainText(request.error)}</code>}
          </span>
          <bdi className={`${styles.place} selectable`}>{plainText(shorten(request.url, MAX_TEXT))}</bdi>
        </li>
      ))}
    </ul>
  );
}

function Nothing({ children }: { children: string }) {
  return (
    <p className={styles.nothing}>
      <CircleCheck aria-hidden />
      {children}
    </p>
  );
}
