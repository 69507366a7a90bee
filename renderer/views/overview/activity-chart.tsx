import { useState } from 'react';
import type { CallAnswer } from '../../../preload/contract.ts';
import { classes } from '../../components/classes.ts';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { useElementWidth } from '../../components/use-element-width.ts';
import { Section } from '../../components/view-frame.tsx';
import { formatDuration } from '../../format/duration.ts';
import { formatCount, formatNumber } from '../../format/number.ts';
import { formatClock } from '../../format/time.ts';
import { useRead } from '../../state/reads.ts';
import styles from './activity-chart.module.css';

type Bucket = CallAnswer<'activityChart'>[number];

const BARS_HEIGHT = 96;
const LINE_TOP = 116;
const LINE_HEIGHT = 36;
const HEIGHT = LINE_TOP + LINE_HEIGHT + 4;
const HOUR_MS = 3_600_000;

/** Tasks an hour and how long they took, over the last day. */
export function ActivityChart() {
  const chart = useRead('activityChart', null);
  return (
    <Section title="Last 24 hours">
      {chart.isPending && <Skeleton />}
      {chart.isError && <ErrorState error={chart.error} onRetry={() => void chart.refetch()} />}
      {chart.data !== undefined &&
        (chart.data.some(({ completed, failed }) => completed + failed > 0) ? (
          <Chart buckets={chart.data} />
        ) : (
          <p className={styles.empty}>Tasks of each hour are counted here.</p>
        ))}
    </Section>
  );
}

function Chart({ buckets }: { buckets: readonly Bucket[] }) {
  const [frameRef, width] = useElementWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const done = sum(buckets, (bucket) => bucket.completed);
  const failed = sum(buckets, (bucket) => bucket.failed);
  const bucket = hovered === null ? undefined : buckets[hovered];
  return (
    <figure className={styles.chart}>
      <figcaption className={styles.caption}>
        {bucket === undefined ? (
          <>
            <strong>{formatNumber(done)}</strong> done
            <span className={styles.second}>{formatCount(failed, 'failed attempt')}</span>
          </>
        ) : (
          <>
            <strong>
              {formatClock(bucket.fromMs)}–{formatClock(bucket.fromMs + HOUR_MS)}
            </strong>
            {formatNumber(bucket.completed)} done
            <span className={styles.second}>
              {formatCount(bucket.failed, 'failed attempt')}
              {bucket.medianDurationMs !== null && ` · median ${formatDuration(bucket.medianDurationMs)}`}
            </span>
          </>
        )}
      </figcaption>
      <div ref={frameRef} className={styles.frame}>
        {width > 0 && (
          <svg
            width={width}
            height={HEIGHT}
            role="img"
            aria-label={describe(buckets, done, failed)}
            onPointerLeave={() => setHovered(null)}
          >
            <Bars buckets={buckets} width={width} hovered={hovered} />
            <DurationLine buckets={buckets} width={width} />
            {buckets.map((one, index) => (
              <rect
                key={one.fromMs}
                x={(index * width) / buckets.length}
                width={width / buckets.length}
                height={HEIGHT}
                fill="transparent"
                onPointerEnter={() => setHovered(index)}
              />
            ))}
          </svg>
        )}
      </div>
      <Axis buckets={buckets} />
    </figure>
  );
}

function Bars({ buckets, width, hovered }: { buckets: readonly Bucket[]; width: number; hovered: number | null }) {
  const most = Math.max(1, ...buckets.map((bucket) => bucket.completed + bucket.failed));
  const step = width / Math.max(1, buckets.length);
  const barWidth = Math.max(2, Math.min(step * 0.62, 20));
  return buckets.map((bucket, index) => {
    const x = index * step + (step - barWidth) / 2;
    const doneHeight = (bucket.completed / most) * (BARS_HEIGHT - 4);
    const failedHeight = bucket.failed === 0 ? 0 : Math.max(3, (bucket.failed / most) * (BARS_HEIGHT - 4));
    const isFaded = hovered !== null && hovered !== index;
    return (
      <g key={bucket.fromMs} className={classes(styles.bar, isFaded && styles.faded)}>
        {bucket.completed + bucket.failed === 0 && (
          <rect className={styles.none} x={x} y={BARS_HEIGHT - 2} width={barWidth} height={2} rx={1} />
        )}
        <rect className={styles.done} x={x} y={BARS_HEIGHT - doneHeight} width={barWidth} height={doneHeight} rx={2} />
        <rect
          className={styles.failed}
          x={x}
          y={BARS_HEIGHT - doneHeight - failedHeight - (failedHeight > 0 ? 1 : 0)}
          width={barWidth}
          height={failedHeight}
          rx={1.5}
        />
      </g>
    );
  });
}

function DurationLine({ buckets, width }: { buckets: readonly Bucket[]; width: number }) {
  const step = width / Math.max(1, buckets.length);
  const longest = Math.max(1, ...buckets.map((bucket) => bucket.medianDurationMs ?? 0));
  const points = buckets.flatMap(({ medianDurationMs }, index) =>
    medianDurationMs === null
      ? []
      : [{ x: (index + 0.5) * step, y: LINE_TOP + LINE_HEIGHT * (1 - medianDurationMs / longest), index }],
  );
  const path = points
    .map(({ x, y, index }, at) => `${at > 0 && points[at - 1]?.index === index - 1 ? 'L' : 'M'}${x} ${y}`)
    .join('');
  return (
    <g>
      <line
        className={styles.ground}
        x1={0}
        x2={width}
        y1={LINE_TOP + LINE_HEIGHT + 2}
        y2={LINE_TOP + LINE_HEIGHT + 2}
      />
      <path className={styles.line} d={path} />
      {points.map(({ x, y, index }) => (
        <circle key={index} className={styles.point} cx={x} cy={y} r={1.75} />
      ))}
      {points.length > 0 && (
        <text className={styles.note} x={0} y={LINE_TOP - 4}>
          Median duration, up to {formatDuration(longest)}
        </text>
      )}
    </g>
  );
}

function Axis({ buckets }: { buckets: readonly Bucket[] }) {
  const marks = [0, Math.floor(buckets.length / 3), Math.floor((buckets.length * 2) / 3)];
  return (
    <div className={styles.axis} aria-hidden>
      {marks.map((index) => {
        const bucket = buckets[index];
        return bucket === undefined ? null : <span key={index}>{formatClock(bucket.fromMs)}</span>;
      })}
      <span>now</span>
    </div>
  );
}

function sum(buckets: readonly Bucket[], of: (bucket: Bucket) => number): number {
  return buckets.reduce((total, bucket) => total + of(bucket), 0);
}

function describe(buckets: readonly Bucket[], done: number, failed: number): string {
  const busiest = buckets.reduce<Bucket | null>(
    (best, bucket) => (best === null || bucket.completed > best.completed ? bucket : best),
    null,
  );
  const most =
    busiest === null || busiest.completed === 0
      ? ''
      : ` Busiest from ${formatClock(busiest.fromMs)}, with ${formatCount(busiest.completed, 'task')}.`;
  return `${formatCount(done, 'task')} done and ${formatCount(failed, 'failed attempt')} in the last 24 hours.${most}`;
}
