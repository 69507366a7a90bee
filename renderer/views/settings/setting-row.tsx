import { Check, RotateCcw } from 'lucide-react';
import { useId, useLayoutEffect, useState } from 'react';
import type { SettingDescription } from '../../../preload/contract.ts';
import { IconButton } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { Input, TextArea } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import { Switch } from '../../components/switch.tsx';
import { capitalise } from '../../format/words.ts';
import { fieldKind, type FieldKind } from '../../schema-form/schema.ts';
import styles from './setting-row.module.css';
import { settingLabel } from './setting-table.ts';
import { settingUnit } from './setting-unit.ts';
import { type ChangeNote, useChangeSetting } from './use-change-setting.ts';
import { WorkHours } from './work-hours.tsx';

interface Control {
  id: string;
  'aria-labelledby': string;
  'aria-describedby': string;
  'aria-invalid': true | undefined;
  disabled: boolean;
}

const SET_ELSEWHERE: Partial<Record<SettingDescription['source'], string>> = {
  environment: 'Set by an environment variable, so that it cannot be changed here.',
  flag: 'Set when Legwork was started, so that it cannot be changed here.',
};

/** A setting: its name, what it means, and the control that changes it at once. */
export function SettingRow({ setting }: { setting: SettingDescription }) {
  const id = useId();
  const { note, change, refuse, clear, isPending } = useChangeSetting(setting.key);
  const elsewhere = SET_ELSEWHERE[setting.source];
  const isChanged = JSON.stringify(setting.value) !== JSON.stringify(setting.fallback);
  const field = fieldKind(setting.schema);
  const isBelow = field.kind === 'texts' || field.kind === 'json' || setting.key === 'workHours';
  const isTypedInto = setting.key !== 'workHours' && field.kind !== 'switch' && field.kind !== 'choice';
  // A click on the name of a field puts the cursor into it.
  const Label = isTypedInto ? 'label' : 'p';
  const control: Control = {
    id,
    'aria-labelledby': `${id}-label`,
    'aria-describedby': `${id}-description`,
    'aria-invalid': note?.kind === 'refused' || undefined,
    disabled: elsewhere !== undefined,
  };
  return (
    <div className={classes(styles.row, isBelow && styles.below)}>
      <div className={styles.words}>
        <Label id={`${id}-label`} className={styles.label} {...(isTypedInto ? { htmlFor: id } : {})}>
          {settingLabel(setting.key)}
        </Label>
        <p id={`${id}-description`} className={styles.description}>
          {setting.description}
          {elsewhere !== undefined && <span className={styles.elsewhere}> {elsewhere}</span>}
          {elsewhere === undefined && setting.applies === 'restart' && ' A change applies once nothing runs.'}
        </p>
        <div role="status">{note !== null && <Note note={note} />}</div>
      </div>
      <div className={styles.control}>
        {isChanged && elsewhere === undefined && setting.source !== 'enrolment' && (
          <IconButton
            label={`Reset ${settingLabel(setting.key)}`}
            size="small"
            disabled={isPending}
            onClick={() => change(setting.fallback)}
          >
            <RotateCcw aria-hidden />
          </IconButton>
        )}
        <SettingControl
          setting={setting}
          field={field}
          control={control}
          onChange={change}
          onRefuse={refuse}
          onEdit={clear}
        />
      </div>
    </div>
  );
}

function Note({ note }: { note: ChangeNote }) {
  return (
    <p className={classes(styles.note, styles[note.kind])}>
      {note.kind !== 'refused' && <Check aria-hidden />}
      {note.sentence}
    </p>
  );
}

interface SettingControlProps {
  setting: SettingDescription;
  field: FieldKind;
  control: Control;
  onChange: (value: unknown) => void;
  onRefuse: (sentence: string) => void;
  /** The person types. */
  onEdit: () => void;
}

function SettingControl(props: SettingControlProps) {
  const { setting, field, control, onChange } = props;
  if (setting.key === 'workHours')
    return <WorkHours value={String(setting.value)} control={control} onChange={onChange} />;
  switch (field.kind) {
    case 'switch':
      return <Switch {...control} checked={setting.value === true} onChange={onChange} />;
    case 'choice':
      return (
        <Select
          {...control}
          value={String(setting.value)}
          options={field.values.map((value) => ({ value, label: capitalise(value) }))}
          onChange={onChange}
        />
      );
    case 'number':
      return <NumberControl {...props} />;
    case 'texts':
      return (
        <TextControl
          {...props}
          isLong
          text={Array.isArray(setting.value) ? setting.value.join('\n') : ''}
          placeholder="One per line"
          parse={(text) =>
            text
              .split(/[\n,]/)
              .map((line) => line.trim())
              .filter((line) => line !== '')
          }
        />
      );
    case 'text':
      return (
        <TextControl
          {...props}
          text={typeof setting.value === 'string' ? setting.value : ''}
          placeholder={typeof setting.fallback === 'string' ? setting.fallback : ''}
          parse={(text) => (text === '' && setting.fallback === null ? null : text)}
        />
      );
    default:
      return (
        <TextControl
          {...props}
          isLong
          text={JSON.stringify(setting.value, null, 2)}
          placeholder="JSON"
          parse={(text) => JSON.parse(text) as unknown}
        />
      );
  }
}

function NumberControl({ setting, field, control, onChange, onRefuse, onEdit }: SettingControlProps) {
  const unit = settingUnit(setting.key, setting.value, setting.fallback);
  const given = typeof setting.value === 'number' ? String(setting.value / unit.factor) : '';
  const [text, setText] = useState(given);
  useLayoutEffect(() => setText(given), [given]);
  const commit = () => {
    if (text === given) return;
    const value = text.trim() === '' ? Number.NaN : Math.round(Number(text.replace(',', '.')) * unit.factor);
    const { minimum, maximum } = field.kind === 'number' ? field : {};
    const limits = `${shown(minimum, unit.factor)} to ${shown(maximum, unit.factor)} ${unit.name}`.trim();
    if (Number.isNaN(value)) onRefuse('Enter a number.');
    else if (value < (minimum ?? -Infinity) || value > (maximum ?? Infinity))
      onRefuse(`Enter a number from ${limits}.`);
    else onChange(value);
  };
  return (
    <span className={styles.number}>
      <Input
        {...control}
        className={styles.numberInput}
        inputMode="decimal"
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          onEdit();
        }}
        onBlur={commit}
        onKeyDown={(event) => {
          if (event.key === 'Enter') commit();
          if (event.key === 'Escape') setText(given);
        }}
      />
      {unit.name !== '' && <span className={styles.unit}>{unit.name}</span>}
    </span>
  );
}

function shown(limit: number | undefined, factor: number): string {
  return limit === undefined ? 'any' : String(Math.round((limit / factor) * 100) / 100);
}

interface TextControlProps extends SettingControlProps {
  text: string;
  placeholder: string;
  isLong?: boolean;
  /** @throws when it is not what it should be */
  parse: (text: string) => unknown;
}

function TextControl({
  control,
  text: given,
  placeholder,
  isLong = false,
  parse,
  onChange,
  onRefuse,
  onEdit,
}: TextControlProps) {
  const [text, setText] = useState(given);
  useLayoutEffect(() => setText(given), [given]);
  const commit = () => {
    if (text === given) return;
    let value: unknown;
    try {
      value = parse(text);
    } catch {
      onRefuse('This is not JSON.');
      return;
    }
    onChange(value);
  };
  const shared = {
    ...control,
    value: text,
    placeholder,
    onChange: (event: { target: { value: string } }) => {
      setText(event.target.value);
      onEdit();
    },
    onBlur: commit,
  };
  return isLong ? (
    <TextArea {...shared} rows={3} />
  ) : (
    <Input
      {...shared}
      className={styles.textInput}
      onKeyDown={(event) => {
        if (event.key === 'Enter') commit();
        if (event.key === 'Escape') setText(given);
      }}
    />
  );
}
