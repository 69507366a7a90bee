import { ErrorState, Skeleton } from '../../components/states.tsx';
import { Section } from '../../components/view-frame.tsx';
import { useRead } from '../../state/reads.ts';
import { SettingRow } from './setting-row.tsx';
import { groupsOf, type SettingsSection } from './setting-table.ts';

/** The settings of one section, as the agent describes them. */
export function SettingGroups({ section }: { section: SettingsSection }) {
  const settings = useRead('settings', null);
  if (settings.isPending) return <Skeleton lines={6} />;
  if (settings.isError) return <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />;
  return groupsOf(settings.data, section).map((group) => (
    <Section key={group.title} title={group.title}>
      {group.settings.map((setting) => (
        <SettingRow key={setting.key} setting={setting} />
      ))}
    </Section>
  ));
}
