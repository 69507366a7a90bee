import { useId } from 'react';
import { Switch } from '../../components/switch.tsx';
import { Section } from '../../components/view-frame.tsx';
import { typeLabel } from '../../format/words.ts';
import { useRead } from '../../state/reads.ts';
import { RowWithControl } from './row-with-control.tsx';
import { SettingGroups } from './setting-groups.tsx';
import { useChangeSetting } from './use-change-setting.ts';

/** When and how much this machine works, and what kinds of work it takes. */
export function LimitsSection() {
  return (
    <>
      <SettingGroups section="limits" />
      <TaskTypes />
    </>
  );
}

function TaskTypes() {
  const types = useRead('taskTypes', null);
  const { change, note, isPending } = useChangeSetting('disabledTaskTypes');
  const id = useId();
  if (types.data === undefined) return null;
  const disabled = types.data.filter((type) => !type.enabled).map(({ name }) => name);
  return (
    <Section title="Kinds of work" aside={<span role="status">{note?.sentence ?? ''}</span>}>
      {types.data.map((type) => (
        <RowWithControl
          key={type.name}
          id={`${id}-${type.name}`}
          label={typeLabel(type.name)}
          description={type.summary}
        >
          <Switch
            checked={type.enabled}
            disabled={isPending}
            aria-labelledby={`${id}-${type.name}-label`}
            aria-describedby={`${id}-${type.name}-description`}
            onChange={(isOn) => change(isOn ? disabled.filter((name) => name !== type.name) : [...disabled, type.name])}
          />
        </RowWithControl>
      ))}
    </Section>
  );
}
