import { blobPath, type AttemptDetail } from '../../../preload/contract.ts';
import styles from './previews.module.css';

type Blob = AttemptDetail['blobs'][number];

/** The HTML that was kept, without scripts and network: the frame has no rights, and what answers it says so too. */
export function PagePreview({ blob, host }: { blob: Blob; host: string }) {
  return (
    <figure className={styles.preview}>
      <iframe
        className={styles.frame}
        sandbox=""
        src={blobPath(blob.sha256, 'page')}
        title={`The page of ${host}`}
        referrerPolicy="no-referrer"
      />
      <figcaption className={styles.note}>
        The HTML as it was kept. Scripts do not run, and nothing is loaded, so that pictures and fonts are missing.
      </figcaption>
    </figure>
  );
}

/** The picture of the page. */
export function Picture({ blob, host }: { blob: Blob; host: string }) {
  return (
    <figure className={styles.preview}>
      <div className={styles.pictureFrame} tabIndex={0} role="group" aria-label={`Picture of ${host}`}>
        <img className={styles.picture} src={blobPath(blob.sha256, 'file')} alt={`What ${host} looked like`} />
      </div>
    </figure>
  );
}

/** Lighthouse's own report; its scripts run in a frame that reaches nothing else. */
export function Report({ blob, host }: { blob: Blob; host: string }) {
  return (
    <figure className={styles.preview}>
      <iframe
        className={styles.frame}
        sandbox="allow-scripts"
        src={blobPath(blob.sha256, 'report')}
        title={`Lighthouse report of ${host}`}
        referrerPolicy="no-referrer"
      />
    </figure>
  );
}
