import { Power } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../components/button.tsx';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatCount } from '../../format/number.ts';
import { Logo } from '../../shell/logo.tsx';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import styles from './about-section.module.css';
import { RowWithControl } from './row-with-control.tsx';
import { UpdateRow } from './update-row.tsx';

const PLATFORMS: Record<string, string> = { linux: 'Linux', darwin: 'macOS', win32: 'Windows' };

/** Which version this is, whether there is a newer one, and the way out. */
export function AboutSection() {
  const version = useSnapshot((snapshot) => snapshot.version);
  const platform = useSnapshot((snapshot) => snapshot.platform);
  return (
    <>
      <div className={styles.head}>
        <Logo size="3rem" />
        <div>
          <p className={styles.name}>Legwork</p>
          <p className={styles.version}>
            Version {version} for {PLATFORMS[platform] ?? platform}
          </p>
        </div>
      </div>
      <Section title="Updates">
        <UpdateRow />
      </Section>
      <Section title="This program">
        <BrowserRow />
        <RowWithControl label="Licence">Apache 2.0</RowWithControl>
        <QuitRow />
      </Section>
    </>
  );
}

/** The browser that tasks are done with, and a newer one where Legwork has downloaded it. */
function BrowserRow() {
  const browser = useSnapshot((snapshot) => snapshot.browser);
  const download = useAction('downloadBrowser');
  if (browser.state !== 'ready') return <RowWithControl label="Browser for tasks">None</RowWithControl>;
  const { name, version, path, newerVersion } = browser;
  return (
    <RowWithControl label="Browser for tasks" description={<span className="selectable">{path}</span>}>
      {`${name} ${version}`}
      {newerVersion !== undefined && (
        <Button isBusy={download.isPending} onClick={() => download.mutate(null)}>
          Get {newerVersion}
        </Button>
      )}
    </RowWithControl>
  );
}

function QuitRow() {
  const [isAsking, setIsAsking] = useState(false);
  const runningCount = useSnapshot((snapshot) => snapshot.running.length);
  const quit = useAction('quit');
  return (
    <>
      <RowWithControl
        label="Quit Legwork"
        description="What runs is finished first. Results that wait are delivered later."
      >
        <Button icon={<Power aria-hidden />} onClick={() => setIsAsking(true)}>
          Quit…
        </Button>
      </RowWithControl>
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Quit Legwork?"
        description={
          runningCount === 0
            ? 'No work is done until you start it again.'
            : `${formatCount(runningCount, 'task')} will be finished first. No work is done until you start it again.`
        }
        confirm="Quit"
        isBusy={quit.isPending}
        onConfirm={() => quit.mutate({ how: 'drain' }, { onSettled: () => setIsAsking(false) })}
      />
    </>
  );
}
