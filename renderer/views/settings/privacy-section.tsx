import { Badge } from '../../components/badge.tsx';
import { Section } from '../../components/view-frame.tsx';
import { useSnapshot } from '../../state/legwork-context.tsx';
import type { UiSnapshot } from '../../../preload/contract.ts';
import { RowWithControl } from './row-with-control.tsx';
import { SettingGroups } from './setting-groups.tsx';

const SECRET_STORES: Record<UiSnapshot['secretStore'], { tone: 'good' | 'warn'; word: string; sentence: string }> = {
  strong: { tone: 'good', word: 'Protected', sentence: 'The key store of the system keeps it.' },
  weak: {
    tone: 'warn',
    word: 'Weak',
    sentence: 'This desktop has no key store, so that other programs that you start could read it.',
  },
  file: { tone: 'warn', word: 'In a file', sentence: 'It is in a file that only your user can read.' },
};

/** What leaves this machine, what pages can reach from it, and how its secret is kept. */
export function PrivacySection() {
  const secretStore = SECRET_STORES[useSnapshot((snapshot) => snapshot.secretStore)];
  const sandbox = useSnapshot((snapshot) => snapshot.sandbox);
  const hasHub = useSnapshot((snapshot) => snapshot.hub !== null);
  return (
    <>
      <Section title="What leaves this machine">
        <RowWithControl
          label="Results"
          description={
            hasHub
              ? 'Your server gets the results of the tasks that it asked for, and your network address visits their pages. Results of your own tasks stay here.'
              : 'Nothing. Your network address visits the pages of your own tasks.'
          }
        />
        <RowWithControl
          label="Your browser"
          description="Tasks run in a separate browser without your cookies, passwords, history and extensions. Each task begins with nothing, and nothing stays of it."
        />
        <RowWithControl label="Statistics" description="Legwork does not report on you: there is no telemetry." />
      </Section>
      <Section title="Protection">
        <RowWithControl label="The secret of the server" description={secretStore.sentence}>
          <Badge tone={secretStore.tone}>{secretStore.word}</Badge>
        </RowWithControl>
        <RowWithControl
          label="The browser's sandbox"
          description={
            sandbox
              ? 'Pages are locked up by the system as in your own browser.'
              : 'It cannot be had here, so that a page that breaks out of the browser has the rights of your user.'
          }
        >
          <Badge tone={sandbox ? 'good' : 'bad'}>{sandbox ? 'On' : 'Off'}</Badge>
        </RowWithControl>
        <RowWithControl
          label="Your own network"
          description="Pages cannot reach this machine, your router or other devices at home, but for what you allow below."
        >
          <Badge tone="good">Guarded</Badge>
        </RowWithControl>
      </Section>
      <SettingGroups section="privacy" />
    </>
  );
}
