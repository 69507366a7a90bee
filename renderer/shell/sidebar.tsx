import { ChartSpline, History, LayoutGrid, ScrollText, Settings } from 'lucide-react';
import type { ComponentType } from 'react';
import { classes } from '../components/classes.ts';
import { useSnapshot } from '../state/legwork-context.tsx';
import { hashOf } from '../state/route.ts';
import { shortcutLabel } from './platform.ts';
import { AgentStatus } from './agent-status.tsx';
import { Logo } from './logo.tsx';
import styles from './sidebar.module.css';

/** The views in the order of their shortcuts. */
export const VIEWS: readonly { view: string; label: string; Icon: ComponentType<{ 'aria-hidden'?: boolean }> }[] = [
  { view: 'overview', label: 'Overview', Icon: LayoutGrid },
  { view: 'history', label: 'History', Icon: History },
  { view: 'scores', label: 'Scores', Icon: ChartSpline },
  { view: 'settings', label: 'Settings', Icon: Settings },
  { view: 'logs', label: 'Logs', Icon: ScrollText },
];

/** The way to every view, and what the agent is doing, at the left of the window. */
export function Sidebar({ view }: { view: string }) {
  const runningCount = useSnapshot((snapshot) => snapshot.running.length);
  const hasUpdate = useSnapshot(({ update }) => update.state === 'available' || update.state === 'ready');
  const shown = view === 'task' ? 'history' : view;
  return (
    <aside className={styles.sidebar} aria-label="Legwork">
      <div className={styles.brand}>
        <Logo />
        <span className={styles.name}>Legwork</span>
      </div>
      <nav aria-label="Views">
        <ul className={styles.list}>
          {VIEWS.map(({ view: name, label, Icon }, index) => (
            <li key={name}>
              <a
                className={classes(styles.link, shown === name && styles.current)}
                href={hashOf(name)}
                aria-current={shown === name ? 'page' : undefined}
                title={`${label} (${shortcutLabel(String(index + 1))})`}
                draggable={false}
              >
                <Icon aria-hidden />
                <span className={styles.label}>{label}</span>
                {name === 'overview' && runningCount > 0 && (
                  <span className={styles.count}>
                    {runningCount}
                    <span className="visually-hidden"> running</span>
                  </span>
                )}
                {name === 'settings' && hasUpdate && (
                  <span className={styles.mark}>
                    <span className="visually-hidden">update</span>
                  </span>
                )}
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <div className={styles.space} />
      <AgentStatus />
    </aside>
  );
}
