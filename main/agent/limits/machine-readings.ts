/**
 * What is known of the machine and of who uses it. Every field may be null: this machine cannot tell. What is not known
 * never keeps work from starting.
 */
export interface MachineReadings {
  /** Time since somebody last used keyboard, mouse or touch, milliseconds. */
  idleMs: number | null;
  onBattery: boolean | null;
  /** Charge of the battery, 0 to 100; null also where there is none. */
  batteryPercent: number | null;
  /** Whether the network connection is paid for by volume. */
  metered: boolean | null;
  /** Whether a program fills the screen, or the system says that somebody presents. */
  fullScreen: boolean | null;
  /** Share of all processors together that was in use since the reading before, 0 to 1. */
  cpuBusyShare: number | null;
  /** Share of all processors together that Legwork and its browsers used since the reading before, 0 to 1. */
  cpuOwnShare: number | null;
  /** Share of the last ten seconds in which some process waited for a processor, 0 to 1 (Linux: PSI “some avg10”). */
  cpuPressure: number | null;
  /** Share of the last ten seconds in which some process waited for memory, 0 to 1 (Linux: PSI “some avg10”). */
  memoryPressure: number | null;
  memoryTotalBytes: number | null;
  /** What programs can still get without others losing theirs: caches count as free. */
  memoryAvailableBytes: number | null;
  /** What Legwork and its browsers hold. */
  memoryOwnBytes: number | null;
}

/** Nothing is known. */
export const NO_READINGS: Readonly<MachineReadings> = {
  idleMs: null,
  onBattery: null,
  batteryPercent: null,
  metered: null,
  fullScreen: null,
  cpuBusyShare: null,
  cpuOwnShare: null,
  cpuPressure: null,
  memoryPressure: null,
  memoryTotalBytes: null,
  memoryAvailableBytes: null,
  memoryOwnBytes: null,
};

/**
 * How much is read: `all`, or, while nothing runs, all but what Legwork itself uses (`cpuOwnShare`, `memoryOwnBytes`):
 * that is little then, and to find it every process of the machine is looked at.
 */
export type ReadingScope = 'all' | 'resting';

/**
 * The port to the machine. A reader gives what it knows and leaves the rest out; it is asked every few seconds, so that
 * it must be cheap, and never rejects.
 */
export interface MachineReader {
  read(scope?: ReadingScope): Promise<Partial<MachineReadings>>;
  /** Lets go of connections. */
  close(): void;
}

/** Nothing to read: for tests, and where no limit is to be watched. */
export const NO_MACHINE_READER: MachineReader = { read: () => Promise.resolve({}), close: () => undefined };

/** Several readers as one; what an earlier one knows counts before what a later one says. */
export function combineReaders(readers: readonly MachineReader[]): MachineReader {
  return {
    read: async (scope) => {
      const answers = await Promise.all(readers.map((reader) => reader.read(scope)));
      return answers.reduceRight((later, earlier) => ({ ...later, ...withoutNulls(earlier) }), {});
    },
    close: () => {
      for (const reader of readers) reader.close();
    },
  };
}

/** Complete readings from what a reader has said. */
export function completeReadings(known: Partial<MachineReadings>): MachineReadings {
  return { ...NO_READINGS, ...withoutNulls(known) };
}

function withoutNulls(readings: Partial<MachineReadings>): Partial<MachineReadings> {
  return Object.fromEntries(Object.entries(readings).filter(([, value]) => value !== null && value !== undefined));
}
