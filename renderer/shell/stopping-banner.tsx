import { Hourglass } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { formatCount } from '../format/number.ts';
import { useSnapshot } from '../state/legwork-context.tsx';
import { useAction } from '../state/reads.ts';
import styles from './banner.module.css';

/** While Legwork is being stopped: why, what is waited for, and the way to cut it short. */
export function StoppingBanner() {
  const stopping = useSnapshot((snapshot) => snapshot.stopping);
  const quit = useAction('quit');
  return (
    <div role="status">
      {stopping !== null && (
        <div className={styles.stopping}>
          <Hourglass aria-hidden />
          <span>
            <strong>Stopping.</strong> {stopping.reason}{' '}
            {stopping.remaining > 0 && `${formatCount(stopping.remaining, 'task')} will be finished first.`}
          </span>
          <Button size="small" onClick={() => quit.mutate({ how: 'now' })} isBusy={quit.isPending}>
            Quit now
          </Button>
        </div>
      )}
    </div>
  );
}
