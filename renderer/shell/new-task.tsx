import { createContext, type ReactNode, useCallback, useContext, useState } from 'react';
import { NewTaskDialog } from './new-task-dialog.tsx';
import { useNewTaskShortcut } from './use-shortcuts.ts';

const NewTaskContext = createContext<() => void>(() => {});

/** Gives everything below it the way to open the dialog for a new task. */
export function NewTaskProvider({ children }: { children: ReactNode }) {
  const [isOpen, setIsOpen] = useState(false);
  const open = useCallback(() => setIsOpen(true), []);
  useNewTaskShortcut(open);
  return (
    <NewTaskContext value={open}>
      {children}
      <NewTaskDialog isOpen={isOpen} onClose={() => setIsOpen(false)} />
    </NewTaskContext>
  );
}

/** @returns what opens the dialog for a new task */
export function useNewTask(): () => void {
  return useContext(NewTaskContext);
}
