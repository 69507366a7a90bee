import type { RefObject } from 'react';
import type { SettingDescription } from '../../../preload/contract.ts';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { SchemaControl } from '../../schema-form/schema-control.tsx';
import { useRead } from '../../state/reads.ts';
import { settingLabel } from '../settings/setting-table.ts';
import styles from './first-run-view.module.css';
import type { Choices } from './use-start.ts';

/** Those that decide most of how a machine feels; the others are in Settings. */
const ASKED = ['maxConcurrentTasks', 'workWhenIdleMinutes', 'workOnMainsOnly', 'workOnMetered', 'workDuringFullScreen'];

interface StepProps {
  headingRef: RefObject<HTMLHeadingElement | null>;
  choices: Choices;
  onChange: (part: Partial<Choices>) => void;
}

/** When and how much it may work. */
export function LimitsStep({ headingRef, choices, onChange }: StepProps) {
  const settings = useRead('settings', null);
  const asked = ASKED.flatMap((key) => settings.data?.find((one) => one.key === key) ?? []);
  return (
    <>
      <h1 ref={headingRef} tabIndex={-1} className={styles.title}>
        When may it work, and how much?
      </h1>
      <p className={styles.lead}>These are good for most machines. You find them again, and more, in Settings.</p>
      {settings.isPending && <Skeleton />}
      {settings.isError && <ErrorState error={settings.error} onRetry={() => void settings.refetch()} />}
      <div className={styles.fields}>
        {asked.map((setting) => (
          <SchemaControl
            key={setting.key}
            root={setting.schema}
            schema={{ ...setting.schema, description: setting.description, default: setting.value }}
            label={settingLabel(setting.key)}
            isRequired={false}
            value={choices.settings[setting.key]}
            onChange={(value) => onChange({ settings: withSetting(choices.settings, setting, value) })}
          />
        ))}
      </div>
    </>
  );
}

/** Only what differs from how it is now is changed in the end. */
function withSetting(settings: Record<string, unknown>, { key, value: present }: SettingDescription, value: unknown) {
  const { [key]: _before, ...rest } = settings;
  return value === undefined || value === present ? rest : { ...rest, [key]: value };
}
