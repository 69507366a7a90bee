import { LoaderCircle } from 'lucide-react';
import type { ComponentPropsWithRef, ReactNode } from 'react';
import styles from './button.module.css';
import { classes } from './classes.ts';

interface ButtonProps extends ComponentPropsWithRef<'button'> {
  /** `primary`: what is meant to be done next. `danger`: what cannot be taken back. `ghost`: beside other things. */
  look?: 'plain' | 'primary' | 'danger' | 'ghost';
  size?: 'normal' | 'small' | 'large';
  icon?: ReactNode;
  isBusy?: boolean;
}

/** A button with words. While it is busy it cannot be pressed, and says so. */
export function Button({
  look = 'plain',
  size = 'normal',
  icon,
  isBusy = false,
  className,
  children,
  disabled,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={classes(styles.button, styles[look], styles[size], className)}
      disabled={disabled === true || isBusy}
      aria-busy={isBusy || undefined}
    >
      {isBusy ? <LoaderCircle className={styles.spinner} aria-hidden /> : icon}
      {children}
    </button>
  );
}

interface IconButtonProps extends ComponentPropsWithRef<'button'> {
  /** What it does; also its tooltip. */
  label: string;
  size?: 'normal' | 'small';
}

/** A button that is an icon alone. */
export function IconButton({ label, size = 'normal', className, children, ...rest }: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      {...rest}
      className={classes(styles.icon, size === 'small' && styles.iconSmall, className)}
    >
      {children}
    </button>
  );
}
