import { TriangleAlert } from 'lucide-react';
import { Gauge } from '../../components/gauge.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatDuration } from '../../format/duration.ts';
import { formatNumber } from '../../format/number.ts';
import { plainText } from '../../format/plain-text.ts';
import { categoryLabel, metricLabel } from '../metric-labels.ts';
import styles from './lighthouse-scores.module.css';
import type { LighthouseResult } from './result-reading.ts';

/** The scores, the metrics and what Lighthouse found doubtful. */
export function LighthouseScores({ result }: { result: LighthouseResult }) {
  const metrics = Object.entries(result.metrics);
  return (
    <div className={styles.page}>
      <div className={styles.gauges}>
        {Object.entries(result.scores).map(([name, score]) => (
          <Gauge key={name} label={categoryLabel(name)} score={score} />
        ))}
      </div>
      {metrics.length > 0 && (
        <Section title="Metrics">
          <dl className={styles.metrics}>
            {metrics.map(([name, value]) => (
              <div key={name} className={styles.metric}>
                <dt>{metricLabel(name)}</dt>
                <dd className="numbers">
                  {value === null ? '–' : name === 'cls' ? value.toFixed(3) : formatDuration(value)}
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {result.warnings.length > 0 && (
        <ul className={styles.warnings}>
          {result.warnings.map((warning) => (
            <li key={warning}>
              <TriangleAlert aria-hidden />
              <span className="selectable">{plainText(warning)}</span>
            </li>
          ))}
        </ul>
      )}
      <p className={styles.note}>
        Lighthouse {result.lighthouseVersion}, {result.formFactor}, throttling {result.throttling}
        {result.runs.length > 1 && `, median of ${result.runs.length} runs`}
        {result.benchmarkIndex !== null && `. Benchmark index of this machine: ${formatNumber(result.benchmarkIndex)}`}.
      </p>
    </div>
  );
}
