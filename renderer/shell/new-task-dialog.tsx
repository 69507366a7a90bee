import { ChevronRight } from 'lucide-react';
import { useRef, useState } from 'react';
import type { CallAnswer } from '../../preload/contract.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { Field, Input } from '../components/field.tsx';
import { Select } from '../components/select.tsx';
import { ErrorState, Skeleton } from '../components/states.tsx';
import { useToast } from '../components/toast.tsx';
import { typeLabel } from '../format/words.ts';
import { fieldsOf, type JsonSchema } from '../schema-form/schema.ts';
import { SchemaForm } from '../schema-form/schema-form.tsx';
import { useAction, useRead } from '../state/reads.ts';
import { hashOf, navigate } from '../state/route.ts';
import styles from './new-task-dialog.module.css';

type TaskType = CallAnswer<'taskTypes'>[number];

/** Makes a task of this machine: an address, a type, and the options of that type. */
export function NewTaskDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const types = useRead('taskTypes', null, { enabled: isOpen });
  const enabled = types.data?.filter((type) => type.enabled) ?? [];
  return (
    <>
      {types.data !== undefined && enabled.length > 0 ? (
        <NewTaskForm key={String(isOpen)} isOpen={isOpen} onClose={onClose} types={enabled} />
      ) : (
        <Dialog isOpen={isOpen} onClose={onClose} title="New task">
          {types.isError && <ErrorState error={types.error} onRetry={() => void types.refetch()} />}
          {types.isPending && <Skeleton />}
          {types.data !== undefined && <p>All task types are switched off on this machine. See Settings, Limits.</p>}
        </Dialog>
      )}
    </>
  );
}

/** `example.org:8080` → `https://example.org:8080`; what has a protocol, after which no port comes, stays as it is. */
export function completeUrl(text: string): string {
  const trimmed = text.trim();
  return trimmed === '' || /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(trimmed) ? trimmed : `https://${trimmed}`;
}

interface NewTaskFormProps {
  isOpen: boolean;
  onClose: () => void;
  types: readonly TaskType[];
}

function NewTaskForm({ isOpen, onClose, types }: NewTaskFormProps) {
  const showToast = useToast();
  const addressRef = useRef<HTMLInputElement>(null);
  const [url, setUrl] = useState('');
  const [typeName, setTypeName] = useState(types[0]?.name ?? '');
  const [options, setOptions] = useState<Record<string, unknown>>({});
  const [problem, setProblem] = useState<string | null>(null);
  const enqueue = useAction('enqueue', {
    onSuccess: ({ taskId }) => {
      onClose();
      showToast({
        title: 'The task waits in the queue.',
        action: { label: 'Show', onSelect: () => navigate(hashOf('task', taskId)) },
      });
    },
    onError: (error) => setProblem(error.message),
  });
  const type = types.find(({ name }) => name === typeName);
  const schema = (type?.payloadSchema ?? {}) as JsonSchema;
  const fields = fieldsOf(schema).filter(({ name }) => name !== 'url');
  const address = completeUrl(url);
  const isAddress = /^https?:\/\//.test(address) && URL.canParse(address);

  const submit = () => {
    if (!isAddress) {
      setProblem('Enter the address of a page, such as example.org.');
      return;
    }
    setProblem(null);
    enqueue.mutate({ type: typeName, payload: { url: address, ...options } });
  };

  return (
    <Dialog
      isOpen={isOpen}
      onClose={onClose}
      title="New task"
      firstFocus={addressRef}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form="new-task" isBusy={enqueue.isPending}>
            Add task
          </Button>
        </>
      }
    >
      <form
        id="new-task"
        className={styles.form}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Field label="Address" error={problem}>
          {(control) => (
            <Input
              {...control}
              type="url"
              placeholder="example.org"
              value={url}
              ref={addressRef}
              onChange={(event) => setUrl(event.target.value)}
            />
          )}
        </Field>
        <Field label="Type" hint={type?.summary}>
          {(control) => (
            <Select
              {...control}
              value={typeName}
              options={types.map(({ name }) => ({ value: name, label: typeLabel(name) }))}
              onChange={(next) => {
                setTypeName(next);
                setOptions({});
              }}
            />
          )}
        </Field>
        {fields.length > 0 && (
          <details className={styles.options}>
            <summary>
              <ChevronRight aria-hidden />
              Options
              {Object.keys(options).length > 0 && (
                <span className={styles.changed}>{Object.keys(options).length} changed</span>
              )}
            </summary>
            <div className={styles.fields}>
              <SchemaForm key={typeName} root={schema} fields={fields} value={options} onChange={setOptions} />
            </div>
          </details>
        )}
      </form>
    </Dialog>
  );
}
