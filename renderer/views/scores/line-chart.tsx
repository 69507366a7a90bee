import { useState } from 'react';
import { classes } from '../../components/classes.ts';
import { useElementWidth } from '../../components/use-element-width.ts';
import { formatClock, formatDay, formatFullTime, formatListTime } from '../../format/time.ts';
import { hashOf, navigate } from '../../state/route.ts';
import styles from './line-chart.module.css';

export interface Line {
  name: string;
  /** In time order; every line has the same times. */
  points: { atMs: number; value: number | null }[];
}

interface LineChartProps {
  label: string;
  lines: readonly Line[];
  /** The task of each point, which a click opens. */
  taskIds: readonly string[];
  /** The top of the scale; null: what the lines need. */
  maximum: number | null;
  format: (value: number) => string;
}

const HEIGHT = 180;
const TOP = 8;
const BOTTOM = 22;
const LEFT = 48;
const RIGHT = 12;
const TICKS = 4;
const TWO_DAYS_MS = 172_800_000;

/** Lines over time. Hovering tells the values of a point, and a table says the same to screen readers. */
export function LineChart({ label, lines, taskIds, maximum, format }: LineChartProps) {
  const [frameRef, width] = useElementWidth<HTMLDivElement>();
  const [hovered, setHovered] = useState<number | null>(null);
  const times = lines[0]?.points.map(({ atMs }) => atMs) ?? [];
  const top = maximum ?? niceMaximum(lines.flatMap(({ points }) => points.map(({ value }) => value ?? 0)));
  const first = times[0] ?? 0;
  const span = Math.max(1, (times.at(-1) ?? 0) - first);
  const x = (atMs: number) =>
    times.length === 1 ? (LEFT + width - RIGHT) / 2 : LEFT + ((atMs - first) / span) * (width - LEFT - RIGHT);
  const y = (value: number) => TOP + (1 - value / top) * (HEIGHT - TOP - BOTTOM);
  const shown = hovered ?? times.length - 1;

  return (
    <figure className={styles.chart}>
      <figcaption className={styles.legend}>
        {lines.map((line, index) => {
          const value = line.points[shown]?.value ?? null;
          return (
            <span key={line.name} className={styles.entry}>
              <span className={classes(styles.swatch, styles[`colour${index % 5}`])} aria-hidden />
              {line.name}
              <strong className="numbers">{value === null ? '–' : format(value)}</strong>
            </span>
          );
        })}
        <span className={styles.when}>
          {times[shown] === undefined ? '' : formatListTime(times[shown], Date.now())}
        </span>
      </figcaption>
      <div ref={frameRef}>
        {width > 0 && (
          <svg
            className={styles.drawing}
            width={width}
            height={HEIGHT}
            aria-hidden
            onPointerMove={(event) => setHovered(nearest(times, x, event.nativeEvent.offsetX))}
            onPointerLeave={() => setHovered(null)}
            onClick={() => {
              const taskId = hovered === null ? undefined : taskIds[hovered];
              if (taskId !== undefined) navigate(hashOf('task', taskId));
            }}
          >
            {Array.from({ length: TICKS + 1 }, (_, index) => (top / TICKS) * index).map((value) => (
              <g key={value}>
                <line className={styles.ground} x1={LEFT} x2={width - RIGHT} y1={y(value)} y2={y(value)} />
                <text className={styles.tick} x={LEFT - 8} y={y(value)} textAnchor="end">
                  {format(value)}
                </text>
              </g>
            ))}
            {timeTicks(times, width).map((atMs, index, all) => (
              <text
                key={atMs}
                className={styles.tick}
                x={x(atMs)}
                y={HEIGHT - 8}
                textAnchor={index === 0 ? 'start' : index === all.length - 1 ? 'end' : 'middle'}
              >
                {span < TWO_DAYS_MS ? formatClock(atMs) : formatDay(atMs)}
              </text>
            ))}
            {hovered !== null && times[hovered] !== undefined && (
              <line
                className={styles.cursor}
                x1={x(times[hovered])}
                x2={x(times[hovered])}
                y1={TOP}
                y2={HEIGHT - BOTTOM}
              />
            )}
            {lines.map((line, index) => (
              <g key={line.name} className={styles[`colour${index % 5}`]}>
                <path className={styles.line} d={pathOf(line, x, y)} />
                {line.points.map(({ atMs, value }, at) =>
                  value === null ? null : (
                    <circle
                      key={atMs}
                      className={styles.point}
                      cx={x(atMs)}
                      cy={y(value)}
                      r={at === hovered ? 3.5 : 2}
                    />
                  ),
                )}
              </g>
            ))}
          </svg>
        )}
      </div>
      <Table label={label} lines={lines} times={times} format={format} />
    </figure>
  );
}

function Table({
  label,
  lines,
  times,
  format,
}: { times: readonly number[] } & Pick<LineChartProps, 'label' | 'lines' | 'format'>) {
  return (
    <table className="visually-hidden">
      <caption>{label}</caption>
      <thead>
        <tr>
          <th scope="col">Time</th>
          {lines.map(({ name }) => (
            <th key={name} scope="col">
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {times.map((atMs, index) => (
          <tr key={atMs}>
            <th scope="row">{formatFullTime(atMs)}</th>
            {lines.map(({ name, points }) => {
              const value = points[index]?.value ?? null;
              return <td key={name}>{value === null ? 'none' : format(value)}</td>;
            })}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function pathOf(line: Line, x: (atMs: number) => number, y: (value: number) => number): string {
  let isPenDown = false;
  return line.points
    .map(({ atMs, value }) => {
      const step = value === null ? '' : `${isPenDown ? 'L' : 'M'}${x(atMs)} ${y(value)}`;
      isPenDown = value !== null;
      return step;
    })
    .join('');
}

/** A round number that all values are below. */
function niceMaximum(values: readonly number[]): number {
  const most = Math.max(...values, 0);
  if (most === 0) return 1;
  const step = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 4, 5, 8, 10].map((factor) => factor * step).find((candidate) => candidate >= most) ?? most;
}

function nearest(times: readonly number[], x: (atMs: number) => number, at: number): number | null {
  let best: number | null = null;
  for (const [index, atMs] of times.entries()) {
    if (best === null || Math.abs(x(atMs) - at) < Math.abs(x(times[best] ?? 0) - at)) best = index;
  }
  return best;
}

function timeTicks(times: readonly number[], width: number): number[] {
  const count = Math.max(2, Math.min(6, Math.floor(width / 110)));
  if (times.length <= count) return [...times];
  return Array.from(
    { length: count },
    (_, index) => times[Math.round((index * (times.length - 1)) / (count - 1))] ?? 0,
  );
}
