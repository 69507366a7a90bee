import { useEffect, useState } from 'react';
import { useAction, useReread } from '../../state/reads.ts';

/** What came of the last change. */
export type ChangeNote = { kind: 'saved' | 'later' | 'refused'; sentence: string };

const SHOWN_MS = 5_000;

/** Changes one setting at once, and says what came of it for some seconds; a refusal stays. */
export function useChangeSetting(key: string) {
  const [note, setNote] = useState<ChangeNote | null>(null);
  const reread = useReread('settings', 'taskTypes', 'storage');
  const action = useAction('changeSettings', {
    onSuccess: (answer) => {
      if (answer.kind === 'refused') {
        const issue = answer.issues.find((one) => one.key === key) ?? answer.issues[0];
        setNote({ kind: 'refused', sentence: issue?.sentence ?? 'This value is not allowed.' });
      } else if (answer.afterRestart.includes(key)) {
        setNote({ kind: 'later', sentence: 'Saved. It applies once nothing runs.' });
      } else {
        setNote({ kind: 'saved', sentence: 'Applied.' });
      }
      reread();
    },
    onError: (error) => setNote({ kind: 'refused', sentence: error.message }),
  });
  useEffect(() => {
    if (note === null || note.kind === 'refused') return undefined;
    const timer = setTimeout(() => setNote(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [note]);
  return {
    note,
    isPending: action.isPending,
    change: (value: unknown) => action.mutate({ values: { [key]: value } }),
    refuse: (sentence: string) => setNote({ kind: 'refused', sentence }),
    clear: () => setNote(null),
  };
}
