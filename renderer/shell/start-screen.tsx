import { RotateCw } from 'lucide-react';
import { Button } from '../components/button.tsx';
import { useConnection, useReadSnapshot } from '../state/legwork-context.tsx';
import type { CallError } from '../transport/client.ts';
import { Logo } from './logo.tsx';
import styles from './start-screen.module.css';

/** What is shown until the agent has said what it is doing. */
export function StartScreen({ error }: { error: CallError | null }) {
  const connection = useConnection();
  const read = useReadSnapshot();
  const isLost = connection === 'lost';
  return (
    <main className={styles.screen} aria-label="Legwork">
      <Logo size="3rem" />
      <div role="status">
        {isLost ? (
          <>
            <h1>Legwork does not answer</h1>
            <p>It may have been closed, or is still starting. This window tries again by itself.</p>
          </>
        ) : error === null ? (
          <h1 className={styles.waiting}>Starting…</h1>
        ) : (
          <>
            <h1>Legwork could not say what it is doing</h1>
            <p className="selectable">{error.message}</p>
          </>
        )}
      </div>
      {error !== null && !isLost && (
        <Button icon={<RotateCw aria-hidden />} onClick={() => void read()}>
          Try again
        </Button>
      )}
    </main>
  );
}
