import { Monitor, Server } from 'lucide-react';
import { type RefObject, useId } from 'react';
import { classes } from '../../components/classes.ts';
import { ConnectFields } from '../../shell/connect-fields.tsx';
import styles from './first-run-view.module.css';
import type { Choices } from './use-start.ts';

interface StepProps {
  headingRef: RefObject<HTMLHeadingElement | null>;
  choices: Choices;
  onChange: (part: Partial<Choices>) => void;
}

/** Which server to work for, or none. */
export function ServerStep({ headingRef, choices, onChange }: StepProps) {
  const name = useId();
  const ways = [
    { isWithout: false, label: 'Work for a server', note: 'You have an address and a token, or a link.', Icon: Server },
    { isWithout: true, label: 'Use it without a server', note: 'For tasks of your own only.', Icon: Monitor },
  ];
  return (
    <>
      <h1 ref={headingRef} tabIndex={-1} className={styles.title}>
        Who is it for?
      </h1>
      <div className={styles.ways} role="radiogroup" aria-label="Who is it for?">
        {ways.map(({ isWithout, label, note, Icon }) => (
          <label key={label} className={classes(styles.way, choices.isWithoutServer === isWithout && styles.chosen)}>
            <input
              type="radio"
              className="visually-hidden"
              name={name}
              aria-label={label}
              checked={choices.isWithoutServer === isWithout}
              onChange={() => onChange({ isWithoutServer: isWithout })}
            />
            <Icon aria-hidden />
            <span>
              <strong>{label}</strong>
              <span className={styles.note}>{note}</span>
            </span>
          </label>
        ))}
      </div>
      {choices.isWithoutServer ? (
        <p className={styles.lead}>You can connect to a server at any time, in Settings.</p>
      ) : (
        <ConnectFields text={choices.text} onChange={(text, connection) => onChange({ text, connection })} />
      )}
    </>
  );
}
