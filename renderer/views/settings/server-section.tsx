import { LogOut, Plug } from 'lucide-react';
import { useState } from 'react';
import { Badge } from '../../components/badge.tsx';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { ConfirmDialog, Dialog } from '../../components/dialog.tsx';
import { useToast } from '../../components/toast.tsx';
import { Section } from '../../components/view-frame.tsx';
import { plainText } from '../../format/plain-text.ts';
import { formatAgo, formatFullTime } from '../../format/time.ts';
import { hostOf, LINK_WORDS } from '../../shell/activity-words.ts';
import { ConnectFields, type Connection, type ConnectText } from '../../shell/connect-fields.tsx';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import { useNow } from '../../state/use-now.ts';
import { RowWithControl } from './row-with-control.tsx';
import { SettingGroups } from './setting-groups.tsx';

/** The server that this machine works for, and the way to leave it or to change it. */
export function ServerSection() {
  const hub = useSnapshot((snapshot) => snapshot.hub);
  const [isConnecting, setIsConnecting] = useState(false);
  const [isLeaving, setIsLeaving] = useState(false);
  const nowMs = useNow(30_000);
  return (
    <>
      <Section title="Server">
        {hub === null ? (
          <RowWithControl
            label="No server"
            description="Legwork does tasks of this machine only. Nobody else can give it work."
          >
            <Button look="primary" icon={<Plug aria-hidden />} onClick={() => setIsConnecting(true)}>
              Connect…
            </Button>
          </RowWithControl>
        ) : (
          <>
            <RowWithControl
              label={hostOf(hub.url)}
              description={<bdi className="selectable">{plainText(hub.url)}</bdi>}
            >
              <Badge tone={LINK_WORDS[hub.link].tone}>{LINK_WORDS[hub.link].word}</Badge>
            </RowWithControl>
            {hub.reason !== null && <RowWithControl label="Why not" description={hub.reason} />}
            <RowWithControl label="Enrolled as">
              <code className="selectable">{plainText(hub.workerId)}</code>
            </RowWithControl>
            <RowWithControl label="Last contact">
              {hub.lastContactAtMs === null ? (
                'Never'
              ) : (
                <span title={formatFullTime(hub.lastContactAtMs)}>{formatAgo(hub.lastContactAtMs, nowMs)}</span>
              )}
            </RowWithControl>
            <RowWithControl
              label="Leave or change"
              description="Leaving gives back all work of the server and forgets the secret that it knows this machine by."
            >
              <Button onClick={() => setIsConnecting(true)}>Change…</Button>
              <Button icon={<LogOut aria-hidden />} onClick={() => setIsLeaving(true)}>
                Leave…
              </Button>
            </RowWithControl>
          </>
        )}
      </Section>
      <SettingGroups section="server" />
      <ConnectDialog key={String(isConnecting)} isOpen={isConnecting} onClose={() => setIsConnecting(false)} />
      <LeaveDialog isOpen={isLeaving} onClose={() => setIsLeaving(false)} host={hub === null ? '' : hostOf(hub.url)} />
    </>
  );
}

function ConnectDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const showToast = useToast();
  const [text, setText] = useState<ConnectText>({ address: '', token: '' });
  const [connection, setConnection] = useState<Connection | null>(null);
  const enrol = useAction('enrol', {
    onSuccess: () => {
      showToast({ title: `Connected to ${connection?.host ?? 'the server'}.` });
      onClose();
    },
  });
  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="Connect to a server"
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            disabled={connection === null}
            isBusy={enrol.isPending}
            onClick={() => connection !== null && enrol.mutate({ hubUrl: connection.hubUrl, token: connection.token })}
          >
            Connect
          </Button>
        </>
      }
    >
      <ConnectFields
        text={text}
        onChange={(nextText, nextConnection) => {
          setText(nextText);
          setConnection(nextConnection);
        }}
      />
    </Dialog>
  );
}

function LeaveDialog({ isOpen, onClose, host }: { isOpen: boolean; onClose: () => void; host: string }) {
  const showToast = useToast();
  const [wipe, setWipe] = useState(false);
  const leave = useAction('leaveHub', {
    onSuccess: () => {
      showToast({ title: `This machine has left ${host}.` });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      isOpen={isOpen}
      onClose={onClose}
      title={`Leave ${host}?`}
      description="What runs for it is interrupted and given back. To work for it again you need a new token from its operator."
      confirm={wipe ? 'Leave and delete' : 'Leave'}
      isDanger
      isBusy={leave.isPending}
      onConfirm={() => leave.mutate({ wipe })}
    >
      <Checkbox checked={wipe} onChange={setWipe}>
        Also delete all tasks and results on this machine, those that were not delivered among them
      </Checkbox>
    </ConfirmDialog>
  );
}
