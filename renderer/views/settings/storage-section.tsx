import { Eraser } from 'lucide-react';
import { useState } from 'react';
import type { StorageFigures } from '../../../preload/contract.ts';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { ConfirmDialog } from '../../components/dialog.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { useToast } from '../../components/toast.tsx';
import { Section } from '../../components/view-frame.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { formatCount, formatNumber } from '../../format/number.ts';
import { useAction, useRead, useReread } from '../../state/reads.ts';
import { RowWithControl } from './row-with-control.tsx';
import { SettingGroups } from './setting-groups.tsx';
import styles from './storage-section.module.css';

/** What Legwork keeps on the disk, for how long, and the way to clean up. */
export function StorageSection() {
  const storage = useRead('storage', null);
  const showToast = useToast();
  const reread = useReread('storage', 'history', 'historyFacets', 'scoredPages');
  const [isAsking, setIsAsking] = useState(false);
  const clean = useAction('cleanNow', {
    onSuccess: ({ deletedTasks, freedBytes }) => {
      showToast({
        title: deletedTasks === 0 ? 'There was nothing to clean.' : `${formatCount(deletedTasks, 'task')} removed.`,
        description: freedBytes > 0 ? `${formatBytes(freedBytes)} were freed.` : undefined,
      });
      reread();
    },
  });
  return (
    <>
      <Section title="On this disk">
        {storage.isPending && <Skeleton />}
        {storage.isError && <ErrorState error={storage.error} onRetry={() => void storage.refetch()} />}
        {storage.data !== undefined && (
          <>
            <Sizes figures={storage.data} />
            <RowWithControl
              label="Folder"
              description={<span className="selectable">{storage.data.dataFolder}</span>}
            />
            <RowWithControl
              label={formatCount(storage.data.tasks, 'task')}
              description="Cleaning removes what the rules below no longer keep. Results that were not delivered stay."
            >
              <Button icon={<Eraser aria-hidden />} isBusy={clean.isPending} onClick={() => setIsAsking(true)}>
                Clean now…
              </Button>
            </RowWithControl>
          </>
        )}
      </Section>
      <SettingGroups section="storage" />
      <ConfirmDialog
        isOpen={isAsking}
        onClose={() => setIsAsking(false)}
        title="Clean now?"
        description="Finished tasks that are older or larger than the rules allow are deleted with their results."
        confirm="Clean"
        isBusy={clean.isPending}
        onConfirm={() => clean.mutate(null, { onSettled: () => setIsAsking(false) })}
      />
    </>
  );
}

function Sizes({ figures }: { figures: StorageFigures }) {
  const parts = [
    { label: 'Results', bytes: figures.blobBytes, style: styles.results },
    { label: 'Database', bytes: figures.databaseBytes, style: styles.database },
    { label: 'Logs', bytes: figures.logBytes, style: styles.logs },
  ];
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <div className={styles.sizes}>
      <p className={styles.total}>
        <strong className="numbers">{formatBytes(total)}</strong> used, {formatBytes(figures.freeBytes)} free
      </p>
      <div className={styles.bar} aria-hidden>
        {parts.map(({ label, bytes, style }) => (
          <span key={label} className={classes(styles.part, style)} style={{ flexGrow: total === 0 ? 0 : bytes }} />
        ))}
      </div>
      <ul className={styles.legend}>
        {parts.map(({ label, bytes, style }) => (
          <li key={label} title={`${formatNumber(bytes)} bytes`}>
            <span className={classes(styles.swatch, style)} aria-hidden />
            {label} <span className="numbers">{formatBytes(bytes)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
