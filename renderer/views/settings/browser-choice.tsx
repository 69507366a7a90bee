import { Download } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Progress } from '../../components/progress.tsx';
import { Skeleton } from '../../components/states.tsx';
import { useToast } from '../../components/toast.tsx';
import { formatBytes } from '../../format/bytes.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction, useRead, useReread } from '../../state/reads.ts';
import { RowWithControl } from './row-with-control.tsx';

/** The browsers of this machine that Legwork may use, and the one that it can download. */
export function BrowserChoice() {
  const browsers = useRead('findBrowsers', null);
  const browser = useSnapshot((snapshot) => snapshot.browser);
  const showToast = useToast();
  const reread = useReread('findBrowsers', 'settings');
  // A choice takes effect only after the agent has been built anew, which this shows.
  const pathInUse = browser.state === 'ready' ? browser.path : null;
  const rereadRef = useRef(reread);
  rereadRef.current = reread;
  useEffect(() => rereadRef.current(), [pathInUse]);
  const use = useAction('useBrowser', {
    onSuccess: () => {
      reread();
      showToast({ title: 'The next tasks use this browser.' });
    },
  });
  const download = useAction('downloadBrowser', { onSuccess: reread });
  const cancel = useAction('cancelBrowserDownload');
  return (
    <>
      {browsers.isPending && <Skeleton lines={2} label="Looking for browsers" />}
      {browsers.data?.map((found) => (
        <RowWithControl
          key={found.path}
          label={`${found.name} ${found.version}`}
          description={<span className="selectable">{found.path}</span>}
        >
          {found.inUse ? (
            <Badge tone="good">In use</Badge>
          ) : (
            <Button size="small" disabled={use.isPending} onClick={() => use.mutate({ path: found.path })}>
              Use it
            </Button>
          )}
        </RowWithControl>
      ))}
      {browser.state === 'downloading' ? (
        <RowWithControl
          label={`Downloading Chrome for Testing ${browser.version}`}
          description={
            <>
              <span className="numbers">
                {formatBytes(browser.receivedBytes)}
                {browser.totalBytes !== null && ` of ${formatBytes(browser.totalBytes)}`}
              </span>
              <Progress
                label="Downloading the browser"
                percent={browser.totalBytes === null ? null : (browser.receivedBytes / browser.totalBytes) * 100}
              />
            </>
          }
        >
          <Button size="small" onClick={() => cancel.mutate(null)}>
            Cancel
          </Button>
        </RowWithControl>
      ) : (
        <RowWithControl
          label="Chrome for Testing"
          description={
            browser.state === 'failed'
              ? browser.sentence
              : 'The version that Legwork was tested with. Kept apart from your own browser; about 170 MB.'
          }
        >
          <Button
            size="small"
            icon={<Download aria-hidden />}
            isBusy={download.isPending}
            onClick={() => download.mutate(null)}
          >
            Download
          </Button>
        </RowWithControl>
      )}
    </>
  );
}
