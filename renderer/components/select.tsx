import { Select as BaseSelect } from '@base-ui/react/select';
import { Check, ChevronsUpDown } from 'lucide-react';
import { classes } from './classes.ts';
import menuStyles from './menu.module.css';
import styles from './select.module.css';

export interface Option {
  value: string;
  label: string;
}

interface SelectProps {
  value: string;
  options: readonly Option[];
  onChange: (value: string) => void;
  disabled?: boolean;
  id?: string;
  /** Stands before the value, for filters: `Type`. */
  prefix?: string;
  'aria-label'?: string;
  'aria-labelledby'?: string;
  'aria-describedby'?: string;
  'aria-invalid'?: true | undefined;
  className?: string;
}

/** One of some values. */
export function Select({ value, options, onChange, disabled, prefix, className, ...rest }: SelectProps) {
  return (
    <BaseSelect.Root
      items={options}
      value={value}
      onValueChange={(next) => onChange(next ?? '')}
      disabled={disabled}
      modal={false}
    >
      <BaseSelect.Trigger {...rest} className={classes(styles.trigger, className)}>
        {prefix !== undefined && <span className={styles.prefix}>{prefix}</span>}
        <BaseSelect.Value className={styles.value} />
        <BaseSelect.Icon className={styles.icon}>
          <ChevronsUpDown aria-hidden />
        </BaseSelect.Icon>
      </BaseSelect.Trigger>
      <BaseSelect.Portal>
        <BaseSelect.Positioner sideOffset={4} alignItemWithTrigger={false} className={menuStyles.positioner}>
          <BaseSelect.Popup className={classes(menuStyles.popup, styles.popup)}>
            {options.map((option) => (
              <BaseSelect.Item key={option.value} value={option.value} className={menuStyles.item}>
                <BaseSelect.ItemText className={menuStyles.text}>{option.label}</BaseSelect.ItemText>
                <BaseSelect.ItemIndicator className={menuStyles.check}>
                  <Check aria-hidden />
                </BaseSelect.ItemIndicator>
              </BaseSelect.Item>
            ))}
          </BaseSelect.Popup>
        </BaseSelect.Positioner>
      </BaseSelect.Portal>
    </BaseSelect.Root>
  );
}
