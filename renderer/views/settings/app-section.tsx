import { Monitor, Moon, Sun } from 'lucide-react';
import { useId } from 'react';
import { Section } from '../../components/view-frame.tsx';
import { Switch } from '../../components/switch.tsx';
import { useToast } from '../../components/toast.tsx';
import { classes } from '../../components/classes.ts';
import { type Appearance, setAppearance, useAppearance } from '../../state/appearance.ts';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { useAction } from '../../state/reads.ts';
import styles from './app-section.module.css';
import { BrowserChoice } from './browser-choice.tsx';
import { RowWithControl } from './row-with-control.tsx';

const LOOKS: { value: Appearance; label: string; Icon: typeof Sun }[] = [
  { value: 'system', label: 'System', Icon: Monitor },
  { value: 'light', label: 'Light', Icon: Sun },
  { value: 'dark', label: 'Dark', Icon: Moon },
];

/** How the program starts and looks, and which browser it uses. */
export function AppSection() {
  return (
    <>
      <Section title="Start">
        <StartAtLoginRow />
      </Section>
      <Section title="Appearance">
        <AppearanceRow />
      </Section>
      <Section title="Browser for tasks">
        <BrowserChoice />
      </Section>
    </>
  );
}

/** The system's own state of starting at login. */
export function StartAtLoginRow() {
  const id = useId();
  const startAtLogin = useSnapshot((snapshot) => snapshot.startAtLogin);
  const showToast = useToast();
  const set = useAction('setStartAtLogin', {
    onSuccess: ({ enabled }) =>
      showToast({ title: enabled ? 'Legwork starts when you log in.' : 'Legwork no longer starts by itself.' }),
  });
  return (
    <RowWithControl
      id={id}
      label="Start when you log in"
      description={
        startAtLogin === null
          ? 'Not here: this window shows an agent that was started by hand or by the system.'
          : 'It starts without a window, and stays in the tray.'
      }
    >
      <Switch
        checked={startAtLogin === true}
        disabled={startAtLogin === null || set.isPending}
        aria-labelledby={`${id}-label`}
        aria-describedby={`${id}-description`}
        onChange={(enabled) => set.mutate({ enabled })}
      />
    </RowWithControl>
  );
}

function AppearanceRow() {
  const id = useId();
  const value = useAppearance();
  return (
    <RowWithControl id={id} label="Theme" description="System follows what your desktop prefers.">
      <div className={styles.looks} role="radiogroup" aria-labelledby={`${id}-label`}>
        {LOOKS.map(({ value: look, label, Icon }) => (
          <label key={look} className={classes(styles.look, look === value && styles.chosen)}>
            <input
              className="visually-hidden"
              type="radio"
              name={id}
              value={look}
              checked={look === value}
              onChange={() => setAppearance(look)}
            />
            <Icon aria-hidden />
            {label}
          </label>
        ))}
      </div>
    </RowWithControl>
  );
}
