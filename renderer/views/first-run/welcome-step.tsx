import { CircleStop, EyeOff, Globe, House } from 'lucide-react';
import type { RefObject } from 'react';
import styles from './first-run-view.module.css';

const POINTS = [
  {
    Icon: Globe,
    title: 'It opens web pages for a server',
    text: 'A server that you choose asks for pages to be rendered or audited. Legwork opens them in a browser of its own on this machine, and sends back what it found.',
  },
  {
    Icon: EyeOff,
    title: 'Apart from what is yours',
    text: 'Your browser, your passwords, cookies and files are not touched. Every page begins with nothing, and nothing stays of it.',
  },
  {
    Icon: House,
    title: 'Not into your network',
    text: 'Pages cannot reach this machine, your router or other devices at home or at work, unless you allow one by name.',
  },
  {
    Icon: CircleStop,
    title: 'You stay in charge',
    text: 'You see what it does, pause it whenever you want, and set when and how much it may work. Pages see your network address, as if you had opened them.',
  },
];

/** What Legwork is and will do on this machine, in plain words. */
export function WelcomeStep({ headingRef }: { headingRef: RefObject<HTMLHeadingElement | null> }) {
  return (
    <>
      <h1 ref={headingRef} tabIndex={-1} className={styles.title}>
        Welcome to Legwork
      </h1>
      <p className={styles.lead}>It does a server’s browser work on your machine, when you let it.</p>
      <ul className={styles.points}>
        {POINTS.map(({ Icon, title, text }) => (
          <li key={title} className={styles.point}>
            <span className={styles.pointIcon}>
              <Icon aria-hidden />
            </span>
            <div>
              <h2>{title}</h2>
              <p>{text}</p>
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}
