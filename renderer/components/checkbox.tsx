import { Checkbox as BaseCheckbox } from '@base-ui/react/checkbox';
import { Check } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import styles from './checkbox.module.css';

interface CheckboxProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  children: ReactNode;
  disabled?: boolean;
}

/** A box to tick, with its words beside it. */
export function Checkbox({ checked, onChange, children, disabled }: CheckboxProps) {
  const labelId = useId();
  return (
    <label className={styles.label}>
      <BaseCheckbox.Root
        className={styles.box}
        checked={checked}
        onCheckedChange={(value) => onChange(value)}
        disabled={disabled}
        aria-labelledby={labelId}
      >
        <BaseCheckbox.Indicator className={styles.mark}>
          <Check aria-hidden />
        </BaseCheckbox.Indicator>
      </BaseCheckbox.Root>
      <span id={labelId}>{children}</span>
    </label>
  );
}
