import { CircleAlert, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { classes } from './classes.ts';
import styles from './states.module.css';

interface EmptyStateProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  /** What the person can do about it. */
  action?: ReactNode;
}

/** Says that there is nothing, why, and what would change that. */
export function EmptyState({ icon, title, children, action }: EmptyStateProps) {
  return (
    <div className={styles.state}>
      <div className={styles.icon} aria-hidden>
        {icon}
      </div>
      <h2 className={styles.title}>{title}</h2>
      {children !== undefined && <p className={styles.text}>{children}</p>}
      {action}
    </div>
  );
}

/** Says what went wrong while something was read, and offers to try again. */
export function ErrorState({ error, onRetry }: { error: Error; onRetry?: () => void }) {
  return (
    <div className={styles.state} role="alert">
      <div className={classes(styles.icon, styles.bad)} aria-hidden>
        <CircleAlert />
      </div>
      <h2 className={styles.title}>This could not be shown</h2>
      <p className={classes(styles.text, 'selectable')}>{error.message}</p>
      {onRetry !== undefined && (
        <Button icon={<RotateCw aria-hidden />} onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Grey bars where something will be. */
export function Skeleton({ lines = 4, label = 'Loading' }: { lines?: number; label?: string }) {
  return (
    <div className={styles.skeleton} role="status" aria-label={label}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={index} className={styles.bar} style={{ width: `${[92, 74, 84, 61][index % 4]}%` }} />
      ))}
    </div>
  );
}
