import { Dot } from '../components/badge.tsx';
import { useSnapshot } from '../state/legwork-context.tsx';
import { ACTIVITY_WORDS, hostOf, LINK_WORDS, TRAY_TONES } from './activity-words.ts';
import styles from './agent-status.module.css';
import { PauseButton } from './pause-button.tsx';

/** What the agent is doing, and the way to stop it, at the foot of the sidebar in every view. */
export function AgentStatus() {
  const activity = useSnapshot((snapshot) => snapshot.activity);
  const tray = useSnapshot((snapshot) => snapshot.tray);
  const hub = useSnapshot((snapshot) => snapshot.hub);
  const server = hub === null ? 'No server' : hostOf(hub.url);
  const link = hub === null ? 'tasks of this machine only' : LINK_WORDS[hub.link].word;
  return (
    <div className={styles.status}>
      <div className={styles.words} title={`${ACTIVITY_WORDS[activity]} – ${server}: ${link}`}>
        <p className={styles.activity}>
          <Dot tone={TRAY_TONES[tray]} isLive={activity === 'working'} />
          <span>{ACTIVITY_WORDS[activity]}</span>
        </p>
        <p className={styles.server}>{hub === null || hub.link === 'connected' ? server : link}</p>
      </div>
      <PauseButton look="icon" />
    </div>
  );
}
