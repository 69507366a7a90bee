import { useSnapshot } from '../state/legwork-context.tsx';
import { ACTIVITY_WORDS } from './activity-words.ts';

/** Reads out to screen readers what the agent does when that changes, and what went wrong. */
export function StatusAnnouncer() {
  const activity = useSnapshot((snapshot) => snapshot.activity);
  const problems = useSnapshot((snapshot) => snapshot.problems);
  return (
    <div className="visually-hidden" aria-live="polite">
      <p>Legwork: {ACTIVITY_WORDS[activity]}</p>
      {problems.map((problem) => (
        <p key={problem.code}>{problem.title}</p>
      ))}
    </div>
  );
}
