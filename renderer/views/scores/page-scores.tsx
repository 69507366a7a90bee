import { useState } from 'react';
import type { ScoredPage, ScorePoint } from '../../../preload/contract.ts';
import { Gauge } from '../../components/gauge.tsx';
import { Select } from '../../components/select.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatDuration } from '../../format/duration.ts';
import { plainText } from '../../format/plain-text.ts';
import { useRead } from '../../state/reads.ts';
import { categoryLabel, metricLabel } from '../metric-labels.ts';
import { LineChart, type Line } from './line-chart.tsx';
import styles from './page-scores.module.css';

/** The newest scores of a page, and its scores and metrics over time. */
export function PageScores({ page }: { page: ScoredPage }) {
  const scores = useRead('scores', { url: page.url, formFactor: page.formFactor });
  return (
    <div className={styles.page}>
      <h2 className={`${styles.url} selectable`}>
        <bdi>{plainText(page.url)}</bdi>
        <span className={styles.formFactor}>{page.formFactor}</span>
      </h2>
      <div className={styles.gauges}>
        {Object.entries(page.categories).map(([name, score]) => (
          <Gauge key={name} label={categoryLabel(name)} score={score === null ? null : Math.round(score * 100)} />
        ))}
      </div>
      {scores.isPending && <Skeleton />}
      {scores.isError && <ErrorState error={scores.error} onRetry={() => void scores.refetch()} />}
      {scores.data !== undefined && (
        <>
          <Section title="Scores over time">
            <LineChart
              label="Scores over time"
              lines={linesOf(scores.data, (point) => point.categories, categoryLabel, 100)}
              taskIds={scores.data.map(({ taskId }) => taskId)}
              maximum={100}
              format={(value) => String(Math.round(value))}
            />
          </Section>
          <MetricChart points={scores.data} />
        </>
      )}
    </div>
  );
}

function MetricChart({ points }: { points: readonly ScorePoint[] }) {
  const names = [...new Set(points.flatMap((point) => Object.keys(point.metrics)))];
  const [chosen, setChosen] = useState('lcpMs');
  const name = names.includes(chosen) ? chosen : names[0];
  if (name === undefined) return null;
  const lines = linesOf(points, (point) => ({ [name]: point.metrics[name] ?? null }), metricLabel, 1);
  return (
    <Section
      title="Metric over time"
      aside={
        <Select
          aria-label="Metric"
          value={name}
          options={names.map((value) => ({ value, label: metricLabel(value) }))}
          onChange={setChosen}
        />
      }
    >
      <LineChart
        label={`${metricLabel(name)} over time`}
        lines={lines}
        taskIds={points.map(({ taskId }) => taskId)}
        maximum={null}
        format={name === 'cls' ? (value) => value.toFixed(3) : formatDuration}
      />
    </Section>
  );
}

/** One line a name, with a gap where a point has no value. */
function linesOf(
  points: readonly ScorePoint[],
  valuesOf: (point: ScorePoint) => Record<string, number | null>,
  labelOf: (name: string) => string,
  factor: number,
): Line[] {
  const names = [...new Set(points.flatMap((point) => Object.keys(valuesOf(point))))];
  return names.map((name) => ({
    name: labelOf(name),
    points: points.map((point) => {
      const value = valuesOf(point)[name] ?? null;
      return { atMs: point.atMs, value: value === null ? null : value * factor };
    }),
  }));
}
