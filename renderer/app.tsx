import { Component, type ReactNode, useEffect, useRef } from 'react';
import { Button } from './components/button.tsx';
import { ErrorState } from './components/states.tsx';
import styles from './app.module.css';
import { ConnectionBanner } from './shell/connection-banner.tsx';
import { EnrolmentDialog } from './shell/enrolment-dialog.tsx';
import { NewTaskProvider } from './shell/new-task.tsx';
import { Sidebar } from './shell/sidebar.tsx';
import { StartScreen } from './shell/start-screen.tsx';
import { StatusAnnouncer } from './shell/status-announcer.tsx';
import { StoppingBanner } from './shell/stopping-banner.tsx';
import { useShortcuts } from './shell/use-shortcuts.ts';
import { useSnapshot, useSnapshotState } from './state/legwork-context.tsx';
import { navigate, type Route, useRoute } from './state/route.ts';
import { FirstRunView } from './views/first-run/first-run-view.tsx';
import { HistoryView } from './views/history/history-view.tsx';
import { LogsView } from './views/logs/logs-view.tsx';
import { OverviewView } from './views/overview/overview-view.tsx';
import { ScoresView } from './views/scores/scores-view.tsx';
import { SettingsView } from './views/settings/settings-view.tsx';
import { TaskView } from './views/task/task-view.tsx';

const TITLES: Record<string, string> = {
  overview: 'Overview',
  history: 'History',
  task: 'Task',
  scores: 'Scores',
  settings: 'Settings',
  logs: 'Logs',
};

/** The whole window: nothing is shown of an agent before its first snapshot is there. */
export function App() {
  const { snapshot, error } = useSnapshotState();
  if (snapshot === null) return <StartScreen error={error} />;
  return snapshot.firstRun ? <FirstRunView /> : <Window />;
}

function Window() {
  const route = useRoute();
  const mainRef = useRef<HTMLElement>(null);
  useShortcuts();

  const title = TITLES[route.view] ?? 'Not found';
  const place = `${route.view}/${route.detail}`;
  const firstPlace = useRef(place);
  useEffect(() => {
    document.title = `${title} – Legwork`;
    if (firstPlace.current === place) return;
    firstPlace.current = '';
    // A view may have put the cursor into a field of its own.
    if (mainRef.current?.contains(document.activeElement) !== true) mainRef.current?.focus({ preventScroll: true });
  }, [title, place]);

  return (
    <NewTaskProvider>
      <div className={styles.window}>
        <Sidebar view={route.view} />
        <main ref={mainRef} className={styles.main} tabIndex={-1} aria-label={title}>
          <ConnectionBanner />
          <StoppingBanner />
          <ViewBoundary key={place}>
            <View route={route} />
          </ViewBoundary>
        </main>
      </div>
      <EnrolmentDialog />
      <StatusAnnouncer />
    </NewTaskProvider>
  );
}

function View({ route }: { route: Route }) {
  switch (route.view) {
    case 'overview':
      return <OverviewView />;
    case 'history':
      return <HistoryView parameters={route.parameters} />;
    case 'task':
      return <TaskView taskId={route.detail} />;
    case 'scores':
      return <ScoresView parameters={route.parameters} />;
    case 'settings':
      return <SettingsView section={route.detail} />;
    case 'logs':
      return <LogsView />;
    default:
      return <NotFound />;
  }
}

function NotFound() {
  const hub = useSnapshot((snapshot) => snapshot.hub?.url ?? null);
  return (
    <div className={styles.notFound}>
      <h1>There is no such view</h1>
      <p>{hub === null ? 'Legwork is running.' : `Legwork is running for ${hub}.`}</p>
      <Button onClick={() => navigate('#/overview')}>Go to Overview</Button>
    </div>
  );
}

/** Keeps an error of one view from taking the window with it. */
class ViewBoundary extends Component<{ children: ReactNode }, { error: Error | null }> {
  override state: { error: Error | null } = { error: null };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorState error={this.state.error} onRetry={() => this.setState({ error: null })} />;
  }
}
