import type { ReactNode } from 'react';
import { classes } from './classes.ts';
import styles from './view-frame.module.css';

interface ViewFrameProps {
  title: ReactNode;
  /** Buttons at the right of the title. */
  actions?: ReactNode;
  /** A second row: filters. */
  toolbar?: ReactNode;
  /** `scroll`: the body scrolls as a whole. `fixed`: what is in it scrolls by itself. */
  body?: 'scroll' | 'fixed';
  children: ReactNode;
}

/** The frame of every view: its title, what can be done, and its body. */
export function ViewFrame({ title, actions, toolbar, body = 'scroll', children }: ViewFrameProps) {
  return (
    <div className={styles.frame}>
      <header className={styles.head}>
        <h1 className={styles.title}>{title}</h1>
        {actions !== undefined && <div className={styles.actions}>{actions}</div>}
      </header>
      {toolbar !== undefined && <div className={styles.toolbar}>{toolbar}</div>}
      {body === 'scroll' ? (
        <div className={styles.scroll}>
          <div className={styles.content}>{children}</div>
        </div>
      ) : (
        <div className={styles.fixed}>{children}</div>
      )}
    </div>
  );
}

interface SectionProps {
  title: string;
  /** At the right of the title. */
  aside?: ReactNode;
  children: ReactNode;
  className?: string;
}

/** A titled box. */
export function Section({ title, aside, children, className }: SectionProps) {
  return (
    <section className={classes(styles.section, className)} aria-label={title}>
      <header className={styles.sectionHead}>
        <h2>{title}</h2>
        {aside !== undefined && <div className={styles.aside}>{aside}</div>}
      </header>
      <div className={styles.box}>{children}</div>
    </section>
  );
}
