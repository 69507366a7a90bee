import { ArrowLeft, FileQuestion } from 'lucide-react';
import { Button, IconButton } from '../../components/button.tsx';
import { EmptyState, ErrorState, Skeleton } from '../../components/states.tsx';
import { ViewFrame } from '../../components/view-frame.tsx';
import { useRead } from '../../state/reads.ts';
import { navigate } from '../../state/route.ts';
import { TaskActions } from './task-actions.tsx';
import { TaskDetails } from './task-details.tsx';
import { TaskTitle } from './task-title.tsx';

/** One task: what was asked, how it went, and what came of it. */
export function TaskView({ taskId }: { taskId: string }) {
  const task = useRead('task', { taskId });
  const back = (
    <IconButton label="Back" onClick={goBack}>
      <ArrowLeft aria-hidden />
    </IconButton>
  );
  if (task.data === undefined || task.data === null) {
    return (
      <ViewFrame title={<>{back}Task</>}>
        {task.isPending && <Skeleton lines={8} />}
        {task.isError && <ErrorState error={task.error} onRetry={() => void task.refetch()} />}
        {task.data === null && (
          <EmptyState
            icon={<FileQuestion />}
            title="This task is no longer there"
            action={<Button onClick={() => navigate('#/history')}>Go to History</Button>}
          >
            Old tasks are removed after some time, as Settings, Storage says.
          </EmptyState>
        )}
      </ViewFrame>
    );
  }
  return (
    <ViewFrame
      title={
        <>
          {back}
          <TaskTitle task={task.data} />
        </>
      }
      actions={<TaskActions task={task.data} />}
    >
      <TaskDetails task={task.data} />
    </ViewFrame>
  );
}

function goBack(): void {
  if (window.history.length > 1) window.history.back();
  else navigate('#/history');
}
