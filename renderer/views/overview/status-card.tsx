import { Gauge, Globe, Server } from 'lucide-react';
import type { ReactNode } from 'react';
import type { UiSnapshot } from '../../../preload/contract.ts';
import { Badge, Dot } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Progress } from '../../components/progress.tsx';
import { assertNever } from '../../format/assert-never.ts';
import { formatBytes } from '../../format/bytes.ts';
import { formatTimeLeft } from '../../format/duration.ts';
import { formatAgo, formatFullTime } from '../../format/time.ts';
import { capitalise } from '../../format/words.ts';
import { ACTIVITY_WORDS, hostOf, LINK_WORDS, TRAY_TONES } from '../../shell/activity-words.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import { useNow } from '../../state/use-now.ts';
import styles from './status-card.module.css';

const MINUTE_MS = 60_000;

/** What the agent is doing and why, and how it stands with the server, the machine's limits and the browser. */
export function StatusCard() {
  const activity = useSnapshot((snapshot) => snapshot.activity);
  const tray = useSnapshot((snapshot) => snapshot.tray);
  const statusLine = useSnapshot((snapshot) => snapshot.statusLine);
  return (
    <section className={styles.card} aria-label="Status">
      <div className={styles.state}>
        <p className={styles.activity}>
          <Dot tone={TRAY_TONES[tray]} isLive={activity === 'working'} />
          {ACTIVITY_WORDS[activity]}
        </p>
        <p className={styles.line}>{statusLine}</p>
        <PauseReason />
        <LimitReasons />
      </div>
      <dl className={styles.facts}>
        <HubFact />
        <ConcurrencyFact />
        <BrowserFact />
      </dl>
    </section>
  );
}

function PauseReason() {
  const pause = useSnapshot((snapshot) => snapshot.pause);
  const nowMs = useNow(pause?.untilMs === undefined || pause.untilMs === null ? null : 1_000);
  if (pause === null) return null;
  return (
    <p className={styles.reason}>
      {pause.by === 'operator' ? 'Paused by the server' : 'Paused by you'}
      {pause.untilMs === null ? ', until you resume' : `, ${formatTimeLeft(pause.untilMs - nowMs)}`}
      {pause.note !== '' && `: ${pause.note}`}
    </p>
  );
}

function LimitReasons() {
  const limits = useSnapshot((snapshot) => snapshot.limits);
  const nowMs = useNow(limits.mayWork ? null : MINUTE_MS);
  if (limits.mayWork) return null;
  return (
    <ul className={styles.reasons}>
      {limits.reasons.map((reason) => (
        <li key={reason.rule}>
          {reason.sentence}
          {reason.untilMs !== null && <span> ({formatTimeLeft(reason.untilMs - nowMs)})</span>}
        </li>
      ))}
    </ul>
  );
}

function Fact({
  icon,
  label,
  children,
  note,
}: {
  icon: ReactNode;
  label: string;
  children: ReactNode;
  note?: ReactNode;
}) {
  return (
    <div className={styles.fact}>
      <dt>
        {icon}
        {label}
      </dt>
      <dd>
        <div className={styles.value}>{children}</div>
        {note !== undefined && note !== null && note !== false && <div className={styles.note}>{note}</div>}
      </dd>
    </div>
  );
}

function HubFact() {
  const hub = useSnapshot((snapshot) => snapshot.hub);
  return (
    <Fact
      icon={<Server aria-hidden />}
      label="Server"
      note={hub === null ? 'Tasks of this machine only' : <HubNote hub={hub} />}
    >
      {hub === null ? (
        'None'
      ) : (
        <>
          <bdi className={styles.host} title={hub.url}>
            {hostOf(hub.url)}
          </bdi>
          <Badge tone={LINK_WORDS[hub.link].tone}>{LINK_WORDS[hub.link].word}</Badge>
        </>
      )}
    </Fact>
  );
}

function HubNote({ hub }: { hub: NonNullable<UiSnapshot['hub']> }) {
  const nowMs = useNow(MINUTE_MS);
  if (hub.reason !== null) return hub.reason;
  if (hub.lastContactAtMs === null) return 'Not reached yet';
  return <span title={formatFullTime(hub.lastContactAtMs)}>Last contact {formatAgo(hub.lastContactAtMs, nowMs)}</span>;
}

function ConcurrencyFact() {
  const concurrency = useSnapshot((snapshot) => snapshot.concurrency);
  return (
    <Fact
      icon={<Gauge aria-hidden />}
      label="Side by side"
      note={
        concurrency.reason === null
          ? concurrency.now >= concurrency.max && 'As many as you allow'
          : capitalise(concurrency.reason)
      }
    >
      <span className="numbers">
        {concurrency.now} of {concurrency.max}
      </span>
    </Fact>
  );
}

function BrowserFact() {
  const browser = useSnapshot((snapshot) => snapshot.browser);
  const download = useAction('downloadBrowser');
  const cancel = useAction('cancelBrowserDownload');
  const icon = <Globe aria-hidden />;
  switch (browser.state) {
    case 'ready':
      return (
        <Fact icon={icon} label="Browser" note={`Version ${browser.version}`}>
          {browser.name}
        </Fact>
      );
    case 'missing':
    case 'failed':
      return (
        <Fact icon={icon} label="Browser" note={browser.state === 'failed' ? browser.sentence : 'Tasks need one'}>
          None
          <Button size="small" onClick={() => download.mutate(null)} isBusy={download.isPending}>
            Download
          </Button>
        </Fact>
      );
    case 'downloading': {
      const total = browser.totalBytes;
      const percent = total === null || total === 0 ? null : (browser.receivedBytes / total) * 100;
      return (
        <Fact
          icon={icon}
          label="Browser"
          note={`${formatBytes(browser.receivedBytes)}${total === null ? '' : ` of ${formatBytes(total)}`}`}
        >
          <Progress percent={percent} label="Downloading the browser" />
          <Button size="small" onClick={() => cancel.mutate(null)}>
            Cancel
          </Button>
        </Fact>
      );
    }
    default:
      return assertNever(browser);
  }
}
