import { Download, File } from 'lucide-react';
import { blobPath, type AttemptDetail } from '../../../preload/contract.ts';
import { formatBytes } from '../../format/bytes.ts';
import styles from './file-list.module.css';

/** The files that an attempt left. */
export function FileList({ blobs }: { blobs: AttemptDetail['blobs'] }) {
  return (
    <ul className={styles.list}>
      {blobs.map((blob) => (
        <li key={blob.name}>
          <a className={styles.file} href={blobPath(blob.sha256, 'file')} download={blob.name}>
            <File aria-hidden />
            <span className={styles.name}>{blob.name}</span>
            <span className={styles.type}>{blob.contentType}</span>
            <span className={styles.size}>{formatBytes(blob.sizeBytes)}</span>
            <Download aria-label="Download" />
          </a>
        </li>
      ))}
    </ul>
  );
}
