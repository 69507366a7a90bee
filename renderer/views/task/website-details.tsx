import type { ReactNode } from 'react';
import { Section } from '../../components/view-frame.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { formatDuration } from '../../format/duration.ts';
import { formatNumber } from '../../format/number.ts';
import { plainText } from '../../format/plain-text.ts';
import { metricLabel } from '../metric-labels.ts';
import type { WebsiteResult } from './result-reading.ts';
import { Facts } from './task-facts.tsx';
import styles from './website-details.module.css';

/** How a page loaded: its answer, what it took, and when what happened. */
export function WebsiteDetails({ result }: { result: WebsiteResult }) {
  const answer: [string, ReactNode][] = [
    ['Title', result.title === null ? '–' : plainText(result.title)],
    ['Status', result.status ?? '–'],
    ['Ended at', <bdi key="final">{plainText(result.finalUrl)}</bdi>],
  ];
  if (result.redirects.length > 0) {
    answer.push([
      'Redirects',
      <ul key="redirects">
        {result.redirects.map(({ url, status }, index) => (
          <li key={index}>
            {status} <bdi>{plainText(url)}</bdi>
          </li>
        ))}
      </ul>,
    ]);
  }
  if (result.requestCount !== null) answer.push(['Requests', formatNumber(result.requestCount)]);
  if (result.transferredBytes !== null) answer.push(['Loaded', formatBytes(result.transferredBytes)]);
  const timings = Object.entries(result.timings).filter(([, value]) => value !== null);
  return (
    <div className={styles.page}>
      <Section title="Answer">
        <Facts facts={answer} />
      </Section>
      {timings.length > 0 && (
        <Section title="Timing">
          <Facts
            facts={timings.map(([name, value]) => [
              metricLabel(name),
              name === 'cls' ? (value ?? 0).toFixed(3) : formatDuration(value ?? 0),
            ])}
          />
        </Section>
      )}
    </div>
  );
}
