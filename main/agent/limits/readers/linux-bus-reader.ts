import type { Clock } from '../../../protocol/ports.ts';
import type { MachineReader, MachineReadings } from '../machine-readings.ts';
import type { BusProperty, SystemBus } from './system-bus.ts';

/** NMMetered of NetworkManager's D-Bus interface: 1 yes, 2 no, 3 probably, 4 probably not. */
const METERED: BusProperty = {
  service: 'org.freedesktop.NetworkManager',
  path: '/org/freedesktop/NetworkManager',
  interface: 'org.freedesktop.NetworkManager',
  name: 'Metered',
};
const LOGIN = {
  service: 'org.freedesktop.login1',
  path: '/org/freedesktop/login1',
  interface: 'org.freedesktop.login1.Manager',
};
const IDLE_HINT: BusProperty = { ...LOGIN, name: 'IdleHint' };
/** Microseconds of the Unix clock; 0 when nobody has ever been there. */
const IDLE_SINCE_HINT: BusProperty = { ...LOGIN, name: 'IdleSinceHint' };

const INTERVAL_MS = 10_000;

/**
 * What Linux services tell over the system bus: NetworkManager whether the connection is metered, systemd-logind since
 * when all sessions are idle. Asked at most every ten seconds.
 */
export class LinuxBusReader implements MachineReader {
  readonly #bus: SystemBus;
  readonly #clock: Clock;
  #known: Partial<MachineReadings> = {};
  #idleSinceMs: number | null = null;
  #readAtMs: number | null = null;

  constructor(bus: SystemBus, clock: Clock) {
    this.#bus = bus;
    this.#clock = clock;
  }

  async read(): Promise<Partial<MachineReadings>> {
    const nowMs = this.#clock.monotonicMs();
    if (this.#readAtMs === null || nowMs - this.#readAtMs >= INTERVAL_MS) {
      this.#readAtMs = nowMs;
      const [metered, isIdle, idleSince] = await Promise.all([
        this.#bus.property(METERED),
        this.#bus.property(IDLE_HINT),
        this.#bus.property(IDLE_SINCE_HINT),
      ]);
      this.#known = { metered: meteredFrom(metered) };
      this.#idleSinceMs = idleSinceFrom(isIdle, idleSince, this.#clock.nowMs());
    }
    if (this.#idleSinceMs === null) return this.#known;
    return { ...this.#known, idleMs: Math.max(0, this.#clock.nowMs() - this.#idleSinceMs) };
  }

  close(): void {
    this.#bus.close();
  }
}

function meteredFrom(value: unknown): boolean | null {
  if (value === 1 || value === 3) return true;
  return value === 2 || value === 4 ? false : null;
}

/** Unix milliseconds; now when somebody is there. */
function idleSinceFrom(isIdle: unknown, since: unknown, nowMs: number): number | null {
  if (typeof isIdle !== 'boolean') return null;
  if (!isIdle) return nowMs;
  const sinceMs = typeof since === 'bigint' || typeof since === 'number' ? Number(since) / 1_000 : 0;
  return sinceMs > 0 ? sinceMs : null;
}
