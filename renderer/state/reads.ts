import { QueryClient, useMutation, useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import type { CallAnswer, CallArgument, CallName } from '../../preload/contract.ts';
import { useToast } from '../components/toast.tsx';
import type { CallError, Client } from '../transport/client.ts';
import { useClient } from './legwork-context.tsx';

/** Reads that show attempts; read again when attempts have started or ended. */
const READS_OF_ATTEMPTS: CallName[] = [
  'history',
  'historyFacets',
  'activityChart',
  'scoredPages',
  'scores',
  'usage',
  'storage',
];
const SHORTEST_PAUSE_MS = 1_000;

/** Nothing is read again by itself: the agent's events say when (`followEvents`). */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { staleTime: Infinity, retry: false, refetchOnWindowFocus: false, networkMode: 'always' },
      mutations: { networkMode: 'always' },
    },
  });
}

/** Marks reads as out of date when the agent says so, at most once a second, and all of them after a broken connection. */
export function followEvents(client: Client, queryClient: QueryClient): () => void {
  let changedTaskIds = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | null = null;
  const readAgain = () => {
    timer = null;
    const taskIds = changedTaskIds;
    changedTaskIds = new Set();
    void queryClient.invalidateQueries({
      predicate: ({ queryKey: [name, argument] }) =>
        name === 'task'
          ? taskIds.has((argument as { taskId: string }).taskId)
          : READS_OF_ATTEMPTS.includes(name as CallName),
    });
  };
  const stopEvents = client.on('historyChanged', ({ taskIds }) => {
    for (const taskId of taskIds) changedTaskIds.add(taskId);
    timer ??= setTimeout(readAgain, SHORTEST_PAUSE_MS);
  });
  let wasLost = false;
  const stopConnection = client.transport.onConnection(() => {
    if (client.transport.connection() === 'lost') wasLost = true;
    else if (wasLost && client.transport.connection() === 'open') {
      wasLost = false;
      void queryClient.invalidateQueries();
    }
  });
  return () => {
    stopEvents();
    stopConnection();
    if (timer !== null) clearTimeout(timer);
  };
}

/** What a read is kept under. */
export function readKey<Name extends CallName>(name: Name, argument: CallArgument<Name>) {
  return [name, argument] as const;
}

/** What a call answers, kept until an event makes it out of date. */
export function useRead<Name extends CallName>(
  name: Name,
  argument: CallArgument<Name>,
  options: { enabled?: boolean } = {},
): UseQueryResult<CallAnswer<Name>, CallError> {
  const client = useClient();
  return useQuery<CallAnswer<Name>, CallError>({
    queryKey: readKey(name, argument),
    queryFn: () => client.call(name, argument),
    ...options,
  });
}

/** A call that does something. A failure is shown as a message, unless `onError` takes it. */
export function useAction<Name extends CallName>(
  name: Name,
  options: {
    onSuccess?: (answer: CallAnswer<Name>, argument: CallArgument<Name>) => void;
    onError?: (error: CallError) => void;
  } = {},
) {
  const client = useClient();
  const showToast = useToast();
  return useMutation<CallAnswer<Name>, CallError, CallArgument<Name>>({
    mutationFn: (argument) => client.call(name, argument),
    onSuccess: options.onSuccess,
    onError: options.onError ?? ((error) => showToast({ title: error.message, kind: 'error' })),
  });
}

/** @returns what reads one task again, after something was done to it */
export function useRereadTask(taskId: string): () => void {
  const queryClient = useQueryClient();
  return () => void queryClient.invalidateQueries({ queryKey: readKey('task', { taskId }) });
}

/** @returns what reads the answers of some calls again */
export function useReread(...names: CallName[]): () => void {
  const queryClient = useQueryClient();
  return () => {
    for (const name of names) void queryClient.invalidateQueries({ queryKey: [name] });
  };
}
