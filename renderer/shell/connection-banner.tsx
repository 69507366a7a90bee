import { Unplug } from 'lucide-react';
import { useConnection } from '../state/legwork-context.tsx';
import styles from './banner.module.css';

/** Says that the window no longer reaches the agent, so that what it shows may be old. */
export function ConnectionBanner() {
  const connection = useConnection();
  return (
    <div role="status">
      {connection === 'lost' && (
        <p className={styles.lost}>
          <Unplug aria-hidden />
          <span>
            <strong>Connection lost.</strong> What you see may be out of date. Trying again…
          </span>
        </p>
      )}
    </div>
  );
}
