/** The rules of the host that can keep work from being started. */
export type LimitRule =
  | 'hours'
  | 'idle'
  | 'mains'
  | 'battery'
  | 'metered'
  | 'full_screen'
  | 'cpu'
  | 'memory'
  | 'quota_tasks'
  | 'quota_browser_time'
  | 'quota_bytes';

/** Why no work is started now. */
export interface LimitReason {
  rule: LimitRule;
  /** For the host, a whole sentence. */
  sentence: string;
  /** When this rule will let work start again if nothing else changes, Unix milliseconds; left out when unforeseeable. */
  untilMs?: number;
}

/** What the host's limits say at a moment. */
export interface LimitVerdict {
  /** Whether work may be started. */
  mayWork: boolean;
  /** Why not, the most lasting reason first; empty when work may be started. */
  reasons: LimitReason[];
  /** Limits that are set but cannot be watched on this machine, a sentence each; they keep nothing from starting. */
  unknown: { rule: LimitRule; sentence: string }[];
}

/** How many page tasks are run side by side now, and why not more. */
export interface ConcurrencyState {
  now: number;
  /** What the host has configured. */
  max: number;
  /** Such as “the machine is busy”; null when nothing holds it down. */
  reason: string | null;
}
