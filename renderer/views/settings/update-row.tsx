import { Button } from '../../components/button.tsx';
import { Progress } from '../../components/progress.tsx';
import { assertNever } from '../../format/assert-never.ts';
import { plainText } from '../../format/plain-text.ts';
import { formatAgo } from '../../format/time.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import { useNow } from '../../state/use-now.ts';
import { RowWithControl } from './row-with-control.tsx';

/** Whether there is a newer version, and what is next. Nothing is downloaded before the person asks for it. */
export function UpdateRow() {
  const update = useSnapshot((snapshot) => snapshot.update);
  const nowMs = useNow(60_000);
  const check = useAction('checkForUpdate');
  const download = useAction('downloadUpdate');
  const install = useAction('installUpdate');
  const checkButton = (
    <Button isBusy={check.isPending || update.state === 'checking'} onClick={() => check.mutate(null)}>
      Check now
    </Button>
  );
  switch (update.state) {
    case 'unsupported':
      return <RowWithControl label="Updated elsewhere" description={update.sentence} />;
    case 'unknown':
      return (
        <RowWithControl label="Not checked yet" description="Legwork looks for a newer version when you ask it to.">
          {checkButton}
        </RowWithControl>
      );
    case 'checking':
      return <RowWithControl label="Looking for a newer version…">{checkButton}</RowWithControl>;
    case 'unavailable':
      return (
        <RowWithControl
          label="This is the newest version"
          description={`Checked ${formatAgo(update.checkedAtMs, nowMs)}.`}
        >
          {checkButton}
        </RowWithControl>
      );
    case 'available':
      return (
        <RowWithControl
          label={`Version ${update.version} is there`}
          description={update.notes === null ? 'It is downloaded when you say so.' : plainText(update.notes)}
        >
          <Button look="primary" isBusy={download.isPending} onClick={() => download.mutate(null)}>
            Download
          </Button>
        </RowWithControl>
      );
    case 'downloading':
      return (
        <RowWithControl
          label={`Downloading version ${update.version}`}
          description={<Progress percent={update.percent} label="Downloading the update" />}
        />
      );
    case 'ready':
      return (
        <RowWithControl
          label={`Version ${update.version} is ready`}
          description="It is installed when you restart Legwork, or by itself once nothing runs."
        >
          <Button look="primary" isBusy={install.isPending} onClick={() => install.mutate(null)}>
            Restart and install
          </Button>
        </RowWithControl>
      );
    case 'failed':
      return (
        <RowWithControl label="The update failed" description={update.sentence}>
          {checkButton}
        </RowWithControl>
      );
    default:
      return assertNever(update);
  }
}
