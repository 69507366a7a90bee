import { useEffect, useState } from 'react';
import { Input } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';
import styles from './work-hours.module.css';

const PRESETS = [
  { value: '', label: 'Always' },
  { value: 'Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00', label: 'Outside office hours' },
  { value: 'Mon-Sun 22:00-07:00', label: 'At night' },
  { value: 'Sat,Sun 00:00-24:00', label: 'At weekends' },
];
const OWN = 'own';

interface WorkHoursProps {
  value: string;
  control: { id: string; 'aria-labelledby': string; disabled: boolean };
  onChange: (value: string) => void;
}

/** Hours of the week: some that many people want, or one's own. */
export function WorkHours({ value, control, onChange }: WorkHoursProps) {
  const isPreset = PRESETS.some((preset) => preset.value === value);
  const [isOwn, setIsOwn] = useState(!isPreset);
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const { id, 'aria-labelledby': labelledBy, disabled } = control;
  return (
    <div className={styles.hours}>
      <Select
        id={id}
        aria-labelledby={labelledBy}
        disabled={disabled}
        value={isOwn ? OWN : value}
        options={[...PRESETS, { value: OWN, label: 'My own hours' }]}
        onChange={(next) => {
          setIsOwn(next === OWN);
          if (next !== OWN) onChange(next);
        }}
      />
      {isOwn && (
        <Input
          className={styles.own}
          aria-label="My own hours"
          disabled={disabled}
          value={text}
          placeholder="Mon-Fri 18:00-08:00; Sat,Sun 00:00-24:00"
          onChange={(event) => setText(event.target.value)}
          onBlur={() => text !== value && onChange(text)}
          onKeyDown={(event) => event.key === 'Enter' && text !== value && onChange(text)}
        />
      )}
    </div>
  );
}
