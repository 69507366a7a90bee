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
  const browser = useSnapshot((snapshot) => snapshot.browser);
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
        <RowWithControl
          label="Browser for tasks"
          description={browser.state === 'ready' ? <span className="selectable">{browser.path}</span> : undefined}
        >
          {browser.state === 'ready' ? `${browser.name} ${browser.version}` : 'None'}
        </RowWithControl>
        <RowWithControl label="Licence">Apache 2.0</RowWithControl>
        <QuitRow />
      </Section>
    </>
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
