import { CircleCheck, CircleSlash, CircleX, LoaderCircle } from 'lucide-react';
import type { HistoryRow } from '../../preload/contract.ts';
import { classes } from './classes.ts';
import styles from './outcome.module.css';

type Outcome = HistoryRow['outcome'];

/** How an attempt ended, in a word. */
export const OUTCOME_WORDS: Record<Outcome, string> = {
  completed: 'Done',
  failed: 'Failed',
  cancelled: 'Cancelled',
  running: 'Running',
};

const ICONS = { completed: CircleCheck, failed: CircleX, cancelled: CircleSlash, running: LoaderCircle };

/** The sign of an outcome; with its word beside it, or only for screen readers. */
export function OutcomeMark({ outcome, hasWord = false }: { outcome: Outcome; hasWord?: boolean }) {
  const Icon = ICONS[outcome];
  return (
    <span className={classes(styles.mark, styles[outcome])} title={hasWord ? undefined : OUTCOME_WORDS[outcome]}>
      <Icon aria-hidden />
      <span className={hasWord ? undefined : 'visually-hidden'}>{OUTCOME_WORDS[outcome]}</span>
    </span>
  );
}
