import { useEffect, useLayoutEffect, useState } from 'react';
import type { LogLine } from '../../../preload/contract.ts';
import { useClient } from '../../state/legwork-context.tsx';
import { useRead } from '../../state/reads.ts';

const KEPT_LINES = 2_000;
const NO_LINES: LogLine[] = [];

/** The newest lines that were kept, and those that are logged from now on, by their order. */
export function useLogLines(isFollowing: boolean) {
  const client = useClient();
  const kept = useRead('logLines', { limit: KEPT_LINES });
  const [live, setLive] = useState<LogLine[]>(NO_LINES);
  useLayoutEffect(
    () => client.on('logLines', (lines) => setLive((before) => [...before, ...lines].slice(-KEPT_LINES))),
    [client],
  );
  const [held, setHeld] = useState<LogLine[] | null>(null);
  const all = joined(kept.data ?? NO_LINES, live);
  useEffect(() => {
    setHeld(isFollowing ? null : all);
    // Held are the lines of the moment at which following stopped.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [isFollowing]);
  return {
    lines: held ?? all,
    newerCount: held === null ? 0 : Math.max(0, (all.at(-1)?.sequence ?? 0) - (held.at(-1)?.sequence ?? 0)),
    isPending: kept.isPending,
    error: kept.error,
    retry: () => void kept.refetch(),
  };
}

/** Lines that were read and lines that were told may overlap where one began. */
function joined(kept: LogLine[], live: LogLine[]): LogLine[] {
  const lastKept = kept.at(-1)?.sequence ?? -1;
  const newer = live.filter((line) => line.sequence > lastKept);
  return newer.length === 0 ? kept : [...kept, ...newer].slice(-KEPT_LINES);
}
