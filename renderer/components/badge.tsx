import type { ReactNode } from 'react';
import styles from './badge.module.css';
import { classes } from './classes.ts';

/** What a state means for the person; the same colours everywhere. */
export type Tone = 'good' | 'warn' | 'bad' | 'accent' | 'mute';

/** A word on a tinted ground. */
export function Badge({ tone = 'mute', icon, children }: { tone?: Tone; icon?: ReactNode; children: ReactNode }) {
  return (
    <span className={classes(styles.badge, styles[tone])}>
      {icon}
      {children}
    </span>
  );
}

/** A coloured dot, for beside a word that says the same. */
export function Dot({ tone = 'mute', isLive = false }: { tone?: Tone; isLive?: boolean }) {
  return <span className={classes(styles.dot, styles[`${tone}Dot`], isLive && styles.live)} aria-hidden />;
}
