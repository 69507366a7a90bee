import { CircleAlert } from 'lucide-react';
import { type RefObject, useId } from 'react';
import { Button } from '../../components/button.tsx';
import { Checkbox } from '../../components/checkbox.tsx';
import { Switch } from '../../components/switch.tsx';
import { plainText } from '../../format/plain-text.ts';
import { RowWithControl } from '../settings/row-with-control.tsx';
import styles from './first-run-view.module.css';
import type { Choices } from './use-start.ts';

interface ConsentStepProps {
  headingRef: RefObject<HTMLHeadingElement | null>;
  choices: Choices;
  onChange: (part: Partial<Choices>) => void;
  error: Error | null;
  onBackToServer: () => void;
}

/** What was chosen, whether it starts at login, and the person's consent. */
export function ConsentStep({ headingRef, choices, onChange, error, onBackToServer }: ConsentStepProps) {
  const id = useId();
  const host = choices.isWithoutServer ? null : (choices.connection?.host ?? null);
  return (
    <>
      <h1 ref={headingRef} tabIndex={-1} className={styles.title}>
        Ready to start
      </h1>
      <div className={styles.card}>
        <RowWithControl
          label={host === null ? 'Without a server' : `For ${plainText(host)}`}
          description={
            host === null
              ? 'It does tasks that you give it, and nothing else.'
              : 'It connects to this server, and does the work that the server asks for.'
          }
        />
        <RowWithControl
          id={id}
          label="Start when you log in"
          description={
            choices.startAtLogin === null
              ? 'Not here: this window shows an agent that was started by hand or by the system.'
              : 'It starts without a window, and stays in the tray. You can change this at any time.'
          }
        >
          <Switch
            checked={choices.startAtLogin === true}
            disabled={choices.startAtLogin === null}
            aria-labelledby={`${id}-label`}
            aria-describedby={`${id}-description`}
            onChange={(startAtLogin) => onChange({ startAtLogin })}
          />
        </RowWithControl>
      </div>
      <Checkbox checked={choices.hasAgreed} onChange={(hasAgreed) => onChange({ hasAgreed })}>
        {host === null
          ? 'I agree that Legwork opens the pages that I ask for in a browser on this machine, over my network connection.'
          : `I agree that Legwork opens pages that ${plainText(host)} asks for in a browser on this machine, over my network connection, and sends it the results.`}
      </Checkbox>
      {error !== null && (
        <div className={styles.error} role="alert">
          <CircleAlert aria-hidden />
          <p>{error.message}</p>
          {host !== null && (
            <Button size="small" onClick={onBackToServer}>
              Change the server
            </Button>
          )}
        </div>
      )}
    </>
  );
}
