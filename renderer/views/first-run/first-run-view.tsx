import { ArrowLeft, ArrowRight } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { Button } from '../../components/button.tsx';
import { classes } from '../../components/classes.ts';
import { ConnectionBanner } from '../../shell/connection-banner.tsx';
import { Logo } from '../../shell/logo.tsx';
import { useSnapshot } from '../../state/legwork-context.tsx';
import { BrowserStep } from './browser-step.tsx';
import { ConsentStep } from './consent-step.tsx';
import styles from './first-run-view.module.css';
import { LimitsStep } from './limits-step.tsx';
import { ServerStep } from './server-step.tsx';
import { type Choices, useOffered, useStart } from './use-start.ts';
import { WelcomeStep } from './welcome-step.tsx';

const STEPS = ['Welcome', 'Server', 'Limits', 'Browser', 'Start'];

/**
 * What a person goes through once. Nothing happens before they agree in the last step: what they choose on the way is
 * only then carried out.
 */
export function FirstRunView() {
  const startAtLogin = useSnapshot((snapshot) => snapshot.startAtLogin);
  const [step, setStep] = useState(0);
  const [choices, setChoices] = useState<Choices>({
    text: { address: '', token: '' },
    connection: null,
    isWithoutServer: false,
    settings: {},
    startAtLogin: startAtLogin === null ? null : true,
    hasAgreed: false,
  });
  const change = (part: Partial<Choices>) => setChoices((before) => ({ ...before, ...part }));
  const { start, isPending, error } = useStart(choices);
  useOffered((text) => {
    setChoices((before) => ({ ...before, text, isWithoutServer: false }));
    setStep(1);
  });

  const headingRef = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = 'Welcome – Legwork';
    if (step > 0) headingRef.current?.focus();
  }, [step]);

  const isComplete = step !== 1 || choices.isWithoutServer || choices.connection !== null;
  const isLast = step === STEPS.length - 1;
  return (
    <div className={styles.page}>
      <ConnectionBanner />
      <main className={styles.main} aria-label="First run">
        <header className={styles.head}>
          <Logo />
          <ol className={styles.steps} aria-label="Steps">
            {STEPS.map((name, index) => (
              <li
                key={name}
                className={classes(styles.step, index === step && styles.current, index < step && styles.past)}
                aria-current={index === step ? 'step' : undefined}
              >
                {name}
              </li>
            ))}
          </ol>
        </header>
        <form
          className={styles.form}
          onSubmit={(event) => {
            event.preventDefault();
            if (isLast) start();
            else if (isComplete) setStep(step + 1);
          }}
        >
          <div className={styles.body}>
            <div className={styles.content}>
              {step === 0 && <WelcomeStep headingRef={headingRef} />}
              {step === 1 && <ServerStep headingRef={headingRef} choices={choices} onChange={change} />}
              {step === 2 && <LimitsStep headingRef={headingRef} choices={choices} onChange={change} />}
              {step === 3 && <BrowserStep headingRef={headingRef} />}
              {isLast && (
                <ConsentStep
                  headingRef={headingRef}
                  choices={choices}
                  onChange={change}
                  error={error}
                  onBackToServer={() => setStep(1)}
                />
              )}
            </div>
          </div>
          <footer className={styles.foot}>
            {step > 0 && (
              <Button look="ghost" icon={<ArrowLeft aria-hidden />} onClick={() => setStep(step - 1)}>
                Back
              </Button>
            )}
            <span className={styles.space} />
            {isLast ? (
              <Button look="primary" size="large" type="submit" disabled={!choices.hasAgreed} isBusy={isPending}>
                Start Legwork
              </Button>
            ) : (
              <Button look="primary" size="large" type="submit" disabled={!isComplete}>
                Continue
                <ArrowRight aria-hidden />
              </Button>
            )}
          </footer>
        </form>
      </main>
    </div>
  );
}
