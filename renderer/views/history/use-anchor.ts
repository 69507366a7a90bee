import { useCallback, useLayoutEffect, useRef, useState } from 'react';
import { useClient, useSnapshot } from '../../state/legwork-context.tsx';

const SHORTEST_PAUSE_MS = 1_000;

/**
 * The time up to which attempts are listed. While the top of the list is in view it moves with new attempts; otherwise
 * the rows stay where they are, and `hasNewer` says that there are more.
 */
export function useAnchor(isAtTop: boolean) {
  const client = useClient();
  const agentNowMs = useSnapshot((snapshot) => snapshot.atMs);
  const agentNowRef = useRef(agentNowMs);
  agentNowRef.current = agentNowMs;
  const [atMs, setAtMs] = useState(() => nextAnchorMs(agentNowMs));
  const [hasNewer, setHasNewer] = useState(false);
  const [jumps, setJumps] = useState(0);

  const follow = useCallback(() => {
    setAtMs(nextAnchorMs(agentNowRef.current));
    setHasNewer(false);
  }, []);

  // Scrolling does not begin this anew: what was told shortly before would be forgotten.
  useLayoutEffect(() => {
    let timer: ReturnType<typeof setTimeout> | null = null;
    const stop = client.on('historyChanged', () => {
      timer ??= setTimeout(() => {
        timer = null;
        setHasNewer(true);
      }, SHORTEST_PAUSE_MS);
    });
    return () => {
      stop();
      if (timer !== null) clearTimeout(timer);
    };
  }, [client]);

  useLayoutEffect(() => {
    if (isAtTop && hasNewer) follow();
  }, [isAtTop, hasNewer, follow]);

  const moveToNow = () => {
    follow();
    setJumps((count) => count + 1);
  };
  return { atMs, hasNewer: hasNewer && !isAtTop, moveToNow, jumps };
}

/** A little after now by either clock, so that an attempt of this moment is in the list. */
function nextAnchorMs(agentNowMs: number): number {
  return Math.max(Date.now(), agentNowMs) + 1;
}
