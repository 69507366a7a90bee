import { Toast } from '@base-ui/react/toast';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { IconButton } from './button.tsx';
import { classes } from './classes.ts';
import styles from './toast.module.css';

interface Message {
  title: string;
  description?: string;
  kind?: 'done' | 'error';
  /** A thing to do about it. */
  action?: { label: string; onSelect: () => void };
}

const DONE_MS = 4_000;
const ERROR_MS = 10_000;

/** Shows messages at the lower edge, one at a time, and reads them out. */
export function ToastProvider({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider limit={3}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className={styles.viewport}>
          <ToastList />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function ToastList() {
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className={classes(styles.toast, toast.type === 'error' && styles.error)}>
      <Toast.Content className={styles.content}>
        {toast.type === 'error' ? <CircleAlert aria-hidden /> : <CircleCheck aria-hidden />}
        <div className={styles.words}>
          <Toast.Title className={styles.title} />
          <Toast.Description className={styles.description} />
        </div>
        {toast.actionProps !== undefined && <Toast.Action className={styles.action} />}
        <Toast.Close render={<IconButton label="Dismiss" size="small" />}>
          <X aria-hidden />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}

/** @returns a function that shows a message for some seconds */
export function useToast(): (message: Message) => void {
  const { add } = Toast.useToastManager();
  return ({ title, description, kind = 'done', action }) => {
    add({
      title,
      description,
      type: kind,
      priority: kind === 'error' ? 'high' : 'low',
      timeout: kind === 'error' ? ERROR_MS : DONE_MS,
      actionProps: action === undefined ? undefined : { children: action.label, onClick: action.onSelect },
    });
  };
}
