import { useToast } from '../../components/toast.tsx';
import { useAction } from '../../state/reads.ts';
import { takeSavedFile } from '../../state/saved-file.ts';

/** Exports the attempts of a filter, and says where they went. */
export function useExport() {
  const showToast = useToast();
  return useAction('exportHistory', {
    onSuccess: (file) => {
      const sentence = takeSavedFile(file);
      if (sentence !== null) showToast({ title: 'History was exported.', description: sentence });
    },
  });
}
