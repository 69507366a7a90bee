/** What work has cost this machine. */
export interface UsageAmounts {
  /** Tasks that have ended, whether completed or failed. */
  tasks: number;
  /** Time that attempts have taken, milliseconds. */
  browserTimeMs: number;
  bytesDown: number;
  bytesUp: number;
}

/** What a month may cost; null: as much as there is. */
export interface UsageQuota {
  tasks: number | null;
  browserTimeMs: number | null;
  /** Down and up together. */
  bytes: number | null;
}

/** A month of the calendar of the host's time zone. */
export interface CalendarMonth {
  year: number;
  /** 1 to 12. */
  month: number;
}

/** A month's usage, of one hub and one task type. */
export interface UsageRecord extends CalendarMonth, UsageAmounts {
  /** Base address of the hub that the work was for; null for tasks of this machine. */
  hubUrl: string | null;
  type: string;
}

/** This month, as screens show it. */
export interface MonthUsage extends CalendarMonth {
  totals: UsageAmounts;
  quota: UsageQuota;
  /** When the next month begins, Unix milliseconds. */
  resetsAtMs: number;
}
