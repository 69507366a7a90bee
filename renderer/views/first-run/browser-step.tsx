import type { RefObject } from 'react';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { BrowserChoice } from '../settings/browser-choice.tsx';
import styles from './first-run-view.module.css';

/** Which browser the tasks are done with. */
export function BrowserStep({ headingRef }: { headingRef: RefObject<HTMLHeadingElement | null> }) {
  const state = useSnapshot((snapshot) => snapshot.browser.state);
  return (
    <>
      <h1 ref={headingRef} tabIndex={-1} className={styles.title}>
        Which browser does the work?
      </h1>
      <p className={styles.lead}>
        {state === 'ready'
          ? 'One was found. It is started apart from your own windows, with a profile of its own.'
          : 'Use one that is installed, or let Legwork download one. It is started with a profile of its own.'}
      </p>
      <div className={styles.card}>
        <BrowserChoice />
      </div>
      {state === 'downloading' && <p className={styles.note}>You can go on; the download continues.</p>}
    </>
  );
}
