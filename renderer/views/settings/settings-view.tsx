import { AppWindow, ChartColumn, Gauge, HardDrive, Info, Server, ShieldCheck, SlidersHorizontal } from 'lucide-react';
import type { ComponentType } from 'react';
import { classes } from '../../components/classes.ts';
import { ViewFrame } from '../../components/view-frame.tsx';
import { hashOf } from '../../state/route.ts';
import { AboutSection } from './about-section.tsx';
import { AppSection } from './app-section.tsx';
import { LimitsSection } from './limits-section.tsx';
import { PrivacySection } from './privacy-section.tsx';
import { ServerSection } from './server-section.tsx';
import { SettingGroups } from './setting-groups.tsx';
import styles from './settings-view.module.css';
import { StorageSection } from './storage-section.tsx';
import { UsageSection } from './usage-section.tsx';

interface SettingsPart {
  id: string;
  label: string;
  Icon: ComponentType<{ 'aria-hidden'?: boolean }>;
  Content: ComponentType;
}

const PARTS: readonly SettingsPart[] = [
  { id: 'server', label: 'Server', Icon: Server, Content: ServerSection },
  { id: 'limits', label: 'Limits', Icon: Gauge, Content: LimitsSection },
  { id: 'usage', label: 'Usage', Icon: ChartColumn, Content: UsageSection },
  { id: 'app', label: 'This app', Icon: AppWindow, Content: AppSection },
  { id: 'storage', label: 'Storage', Icon: HardDrive, Content: StorageSection },
  { id: 'privacy', label: 'Privacy', Icon: ShieldCheck, Content: PrivacySection },
  { id: 'advanced', label: 'Advanced', Icon: SlidersHorizontal, Content: AdvancedSection },
  { id: 'about', label: 'About', Icon: Info, Content: AboutSection },
];

function AdvancedSection() {
  return <SettingGroups section="advanced" />;
}

/** All that can be set, in parts. Whatever is changed applies at once, and says so. */
export function SettingsView({ section }: { section: string }) {
  const shown = PARTS.find(({ id }) => id === section) ?? PARTS[0];
  if (shown === undefined) return null;
  return (
    <ViewFrame title="Settings" body="fixed">
      <div className={styles.split}>
        <nav className={styles.nav} aria-label="Parts of the settings">
          <ul>
            {PARTS.map(({ id, label, Icon }) => (
              <li key={id}>
                <a
                  className={classes(styles.link, id === shown.id && styles.current)}
                  href={hashOf('settings', id)}
                  aria-current={id === shown.id ? 'page' : undefined}
                  draggable={false}
                >
                  <Icon aria-hidden />
                  {label}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <div className={styles.scroll}>
          <div className={styles.content}>
            <h2 className="visually-hidden">{shown.label}</h2>
            <shown.Content />
          </div>
        </div>
      </div>
    </ViewFrame>
  );
}
