import { Plus } from 'lucide-react';
import { Button } from '../../components/button.tsx';
import { ViewFrame } from '../../components/view-frame.tsx';
import { useNewTask } from '../../shell/new-task.tsx';
import { PauseButton } from '../../shell/pause-button.tsx';
import { shortcutLabel } from '../../shell/platform.ts';
import { ActivityChart } from './activity-chart.tsx';
import styles from './overview-view.module.css';
import { ProblemList } from './problem-list.tsx';
import { QueueList } from './queue-list.tsx';
import { RecentList } from './recent-list.tsx';
import { RunningList } from './running-list.tsx';
import { StatusCard } from './status-card.tsx';
import { TodayFigures } from './today-figures.tsx';

/** What the agent does now, has done today, and what keeps it from working. */
export function OverviewView() {
  const openNewTask = useNewTask();
  return (
    <ViewFrame
      title="Overview"
      actions={
        <>
          <PauseButton look="words" />
          <Button
            look="primary"
            icon={<Plus aria-hidden />}
            onClick={openNewTask}
            title={`New task (${shortcutLabel('N')})`}
          >
            New task
          </Button>
        </>
      }
    >
      <div className={styles.page}>
        <StatusCard />
        <ProblemList />
        <TodayFigures />
        <div className={styles.columns}>
          <div className={styles.column}>
            <RunningList />
            <QueueList />
          </div>
          <div className={styles.column}>
            <ActivityChart />
            <RecentList />
          </div>
        </div>
      </div>
    </ViewFrame>
  );
}
