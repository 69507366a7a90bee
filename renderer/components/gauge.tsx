import type { Tone } from './badge.tsx';
import { classes } from './classes.ts';
import styles from './gauge.module.css';

const RADIUS = 26;
const LENGTH = 2 * Math.PI * RADIUS;

/** What a Lighthouse score of 0 to 100 means, by Lighthouse's own limits (90 and 50). */
export function scoreTone(score: number): Tone {
  if (score >= 90) return 'good';
  return score >= 50 ? 'warn' : 'bad';
}

/** A score of 0 to 100 as a ring; null where there is none. */
export function Gauge({
  score,
  label,
  size = 'normal',
}: {
  score: number | null;
  label: string;
  size?: 'normal' | 'small';
}) {
  const tone = score === null ? 'mute' : scoreTone(score);
  return (
    <div className={classes(styles.gauge, styles[tone], styles[size])}>
      <svg viewBox="0 0 60 60" role="img" aria-label={`${label}: ${score === null ? 'no score' : `${score} of 100`}`}>
        <circle className={styles.ground} cx="30" cy="30" r={RADIUS} />
        {score !== null && (
          <circle
            className={styles.ring}
            cx="30"
            cy="30"
            r={RADIUS}
            strokeDasharray={`${(score / 100) * LENGTH} ${LENGTH}`}
            transform="rotate(-90 30 30)"
          />
        )}
        <text x="30" y="30" aria-hidden>
          {score ?? '–'}
        </text>
      </svg>
      <span className={styles.label} aria-hidden>
        {label}
      </span>
    </div>
  );
}
