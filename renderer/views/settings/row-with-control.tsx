import type { ReactNode } from 'react';
import styles from './setting-row.module.css';

interface RowWithControlProps {
  /** The label is `<id>-label`, the description `<id>-description`. */
  id?: string;
  label: string;
  description?: ReactNode;
  children?: ReactNode;
}

/** A row with words at the left and a control at the right. */
export function RowWithControl({ id, label, description, children }: RowWithControlProps) {
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <p id={id === undefined ? undefined : `${id}-label`} className={styles.label}>
          {label}
        </p>
        {description !== undefined && (
          <div id={id === undefined ? undefined : `${id}-description`} className={styles.description}>
            {description}
          </div>
        )}
      </div>
      <div className={styles.control}>{children}</div>
    </div>
  );
}
