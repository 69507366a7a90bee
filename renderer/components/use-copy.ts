import { useToast } from './toast.tsx';

/** @returns what puts a text on the clipboard and says so */
export function useCopy(): (text: string) => void {
  const showToast = useToast();
  return (text) => {
    navigator.clipboard.writeText(text).then(
      () => showToast({ title: 'Copied.' }),
      () => showToast({ title: 'This could not be copied.', kind: 'error' }),
    );
  };
}
