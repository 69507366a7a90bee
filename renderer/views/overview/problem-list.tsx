import { CircleAlert, Info } from 'lucide-react';
import type { UiSnapshot } from '../../../preload/contract.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import { navigate } from '../../state/route.ts';
import styles from './problem-list.module.css';

type ProblemItem = UiSnapshot['problems'][number];

/** What keeps the agent from working as it should, and what the person can do. */
export function ProblemList() {
  const problems = useSnapshot((snapshot) => snapshot.problems);
  if (problems.length === 0) return null;
  return (
    <ul className={styles.list} aria-label="Problems">
      {problems.map((problem) => (
        <li
          key={problem.code}
          className={classes(styles.problem, problem.severity === 'attention' && styles.attention)}
        >
          {problem.severity === 'attention' ? <CircleAlert aria-hidden /> : <Info aria-hidden />}
          <div className={styles.words}>
            <h2>{problem.title}</h2>
            <p className="selectable">{problem.sentence}</p>
            {problem.advice !== null && <p className={styles.advice}>{problem.advice}</p>}
          </div>
          <ProblemAction problem={problem} />
        </li>
      ))}
    </ul>
  );
}

function ProblemAction({ problem }: { problem: ProblemItem }) {
  const download = useAction('downloadBrowser');
  const isDownloading = useSnapshot(({ browser }) => browser.state === 'downloading');
  if (problem.code === 'browser_missing' && !isDownloading) {
    return (
      <Button size="small" onClick={() => download.mutate(null)} isBusy={download.isPending}>
        Download browser
      </Button>
    );
  }
  if (/disk|storage/.test(problem.code)) return <SettingsButton section="storage" label="Storage" />;
  if (/secret|revoked|unaccepted|superseded|hub_/.test(problem.code))
    return <SettingsButton section="server" label="Server" />;
  if (/too_old|update/.test(problem.code)) return <SettingsButton section="about" label="Updates" />;
  return null;
}

function SettingsButton({ section, label }: { section: string; label: string }) {
  return (
    <Button size="small" onClick={() => navigate(`#/settings/${section}`)}>
      {label}
    </Button>
  );
}
