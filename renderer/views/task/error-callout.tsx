import { CircleX } from 'lucide-react';
import type { TaskDetail } from '../../../preload/contract.ts';
import { ForeignText } from '../../components/foreign-text.tsx';
import styles from './error-callout.module.css';

const CLASS_MEANING: Record<string, string> = {
  transient: 'The page or the network was not ready. Trying again may help.',
  permanent: 'The same request fails the same way again.',
  infrastructure: 'This machine or Legwork failed, not the page.',
  policy: 'A rule of yours or of Legwork refused it.',
  cancelled: 'It was stopped, or was no longer this machine’s to do.',
};

/** Why the last attempt failed, what that means, and what can be done. */
export function ErrorCallout({ task }: { task: TaskDetail }) {
  const attempt = task.attemptHistory.at(-1);
  if (attempt === undefined || attempt.error === null || task.status === 'completed') return null;
  const { error, advice } = attempt;
  return (
    <section className={styles.callout} aria-label="Error">
      <CircleX aria-hidden />
      <div className={styles.words}>
        <h2 className="selectable">
          <ForeignText>{error.message}</ForeignText>
        </h2>
        <p>{CLASS_MEANING[error.class]}</p>
        {advice !== null && (
          <p>
            <strong>What to do:</strong> <ForeignText>{advice}</ForeignText>
          </p>
        )}
        <p className={styles.code}>
          <code className="selectable">{error.code}</code>
        </p>
      </div>
    </section>
  );
}
