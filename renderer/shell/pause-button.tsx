import { CircleStop, Clock, Infinity as Forever, Moon, Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { Button, IconButton } from '../components/button.tsx';
import { ConfirmDialog } from '../components/dialog.tsx';
import { Menu } from '../components/menu.tsx';
import { formatCount } from '../format/number.ts';
import { tomorrowMs } from '../format/time.ts';
import { useSnapshot } from '../state/legwork-context.tsx';
import { useAction } from '../state/reads.ts';

const HOUR_MS = 3_600_000;

/** Pauses for some time, or resumes; and stops everything at once. */
export function PauseButton({ look }: { look: 'icon' | 'words' }) {
  const pause = useAction('pause');
  const resume = useAction('resume');
  const stopAllNow = useAction('stopAllNow');
  const isPaused = useSnapshot((snapshot) => snapshot.pause !== null);
  const runningCount = useSnapshot((snapshot) => snapshot.running.length);
  const [isAsking, setIsAsking] = useState(false);

  if (isPaused) {
    return look === 'icon' ? (
      <IconButton label="Resume" onClick={() => resume.mutate(null)} disabled={resume.isPending}>
        <Play aria-hidden />
      </IconButton>
    ) : (
      <Button icon={<Play aria-hidden />} onClick={() => resume.mutate(null)} isBusy={resume.isPending}>
        Resume
      </Button>
    );
  }
  const trigger =
    look === 'icon' ? (
      <IconButton label="Pause">
        <Pause aria-hidden />
      </IconButton>
    ) : (
      <Button icon={<Pause aria-hidden />}>Pause</Button>
    );
  return (
    <>
      <Menu
        trigger={trigger}
        side={look === 'icon' ? 'top' : 'bottom'}
        align={look === 'icon' ? 'start' : 'end'}
        entries={[
          {
            label: 'For 1 hour',
            icon: <Clock aria-hidden />,
            onSelect: () => pause.mutate({ untilMs: Date.now() + HOUR_MS }),
          },
          {
            label: 'Until tomorrow',
            icon: <Moon aria-hidden />,
            onSelect: () => pause.mutate({ untilMs: tomorrowMs(Date.now()) }),
          },
          {
            label: 'Until I resume',
            icon: <Forever aria-hidden />,
            onSelect: () => pause.mutate({ untilMs: null }),
          },
          'line',
          {
            label: 'Stop everything now…',
            icon: <CircleStop aria-hidden />,
            isDanger: true,
            onSelect: () => setIsAsking(true),
          },
        ]}
      />
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Stop everything now?"
        description={
          runningCount === 0
            ? 'Nothing runs at the moment. Legwork gives back the work that waits, and pauses until you resume.'
            : `${formatCount(runningCount, 'running task')} will be interrupted. Work of the server is given back to it, and Legwork pauses until you resume.`
        }
        confirm="Stop everything"
        isDanger
        isBusy={stopAllNow.isPending}
        onConfirm={() => stopAllNow.mutate(null, { onSettled: () => setIsAsking(false) })}
      />
    </>
  );
}
