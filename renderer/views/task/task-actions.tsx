import { CircleStop, Copy, Ellipsis, ExternalLink, FolderOpen, RefreshCw, RotateCcw } from 'lucide-react';
import type { TaskDetail } from '../../../preload/contract.ts';
import { Button, IconButton } from '../../components/button.tsx';
import { Menu } from '../../components/menu.tsx';
import { useToast } from '../../components/toast.tsx';
import { useCopy } from '../../components/use-copy.ts';
import { useAction, useRereadTask } from '../../state/reads.ts';
import { hashOf, navigate } from '../../state/route.ts';

/** What can be done with a task. */
export function TaskActions({ task }: { task: TaskDetail }) {
  const showToast = useToast();
  const copy = useCopy();
  const reread = useRereadTask(task.taskId);
  const cancel = useAction('cancelTask', { onSuccess: reread });
  const retry = useAction('retryTask', {
    onSuccess: ({ done }) => {
      reread();
      showToast(
        done ? { title: 'It will be tried once more.' } : { title: 'It cannot be tried again.', kind: 'error' },
      );
    },
  });
  const runAgain = useAction('runAgain', {
    onSuccess: ({ taskId }) => {
      showToast({ title: 'This is the new task.' });
      navigate(hashOf('task', taskId));
    },
  });
  const openFolder = useAction('openArtefactFolder', {
    onSuccess: ({ done }) => {
      if (!done) showToast({ title: 'The folder cannot be opened from here.', kind: 'error' });
    },
  });
  const openExternal = useAction('openExternal');
  const attemptId = task.attemptHistory.at(-1)?.attemptId;
  return (
    <>
      {task.canCancel && (
        <Button
          icon={<CircleStop aria-hidden />}
          isBusy={cancel.isPending}
          onClick={() => cancel.mutate({ taskId: task.taskId })}
        >
          Cancel
        </Button>
      )}
      {task.canRetry && (
        <Button
          icon={<RotateCcw aria-hidden />}
          isBusy={retry.isPending}
          onClick={() => retry.mutate({ taskId: task.taskId })}
        >
          Try once more
        </Button>
      )}
      <Button
        icon={<RefreshCw aria-hidden />}
        isBusy={runAgain.isPending}
        onClick={() => runAgain.mutate({ taskId: task.taskId })}
      >
        Run again
      </Button>
      <Menu
        trigger={
          <IconButton label="More">
            <Ellipsis aria-hidden />
          </IconButton>
        }
        entries={[
          {
            label: 'Copy as JSON',
            icon: <Copy aria-hidden />,
            onSelect: () => copy(JSON.stringify(task, null, 2)),
          },
          { label: 'Copy address', icon: <Copy aria-hidden />, onSelect: () => copy(task.url) },
          'line',
          {
            label: 'Open folder of its files',
            icon: <FolderOpen aria-hidden />,
            isDisabled: attemptId === undefined,
            onSelect: () => attemptId !== undefined && openFolder.mutate({ attemptId }),
          },
          {
            label: 'Open the page in your browser',
            icon: <ExternalLink aria-hidden />,
            isDisabled: !task.url.startsWith('https://'),
            onSelect: () => openExternal.mutate({ url: task.url }),
          },
        ]}
      />
    </>
  );
}
