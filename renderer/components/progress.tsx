import styles from './progress.module.css';

/** How far something is; `percent` null: under way, without knowing how far. */
export function Progress({ percent, label }: { percent: number | null; label: string }) {
  const isKnown = percent !== null;
  const width = isKnown ? Math.min(100, Math.max(0, percent)) : 100;
  return (
    <div
      className={styles.track}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={isKnown ? Math.round(width) : undefined}
    >
      <div className={isKnown ? styles.bar : styles.unknown} style={{ transform: `scaleX(${width / 100})` }} />
    </div>
  );
}
