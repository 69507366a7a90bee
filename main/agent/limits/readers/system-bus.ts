import type { EventEmitter } from 'node:events';
import { existsSync } from 'node:fs';
import type { MessageBus } from '@jellybrick/dbus-next';
import type { Clock } from '../../../protocol/ports.ts';

/** A property of an object on the bus. */
export interface BusProperty {
  service: string;
  path: string;
  interface: string;
  name: string;
}

const DEFAULT_SOCKET = '/run/dbus/system_bus_socket';
const CALL_TIMEOUT_MS = 2_000;
/** After a failure the bus is not asked again for this long. */
const RETRY_MS = 60_000;

/** The address of the system bus on this machine, as the D-Bus specification defines it; null when there is none. */
export function systemBusAddress(environment: NodeJS.ProcessEnv = process.env): string | null {
  const given = environment['DBUS_SYSTEM_BUS_ADDRESS'] ?? '';
  if (given !== '') return given;
  return existsSync(DEFAULT_SOCKET) ? `unix:path=${DEFAULT_SOCKET}` : null;
}

/** Reads properties over D-Bus. Connects when it is first asked, and again some time after a failure. */
export class SystemBus {
  readonly #address: string;
  readonly #clock: Clock;
  #connection: Promise<MessageBus> | null = null;
  #notBeforeMs = 0;
  #closed = false;

  constructor(address: string, clock: Clock) {
    this.#address = address;
    this.#clock = clock;
  }

  /** The value; null when the bus, the service or the property is not there. Starts no service. */
  async property(property: BusProperty): Promise<unknown> {
    if (this.#closed || this.#clock.monotonicMs() < this.#notBeforeMs) return null;
    const { Message, MessageFlag, Variant, DBusError } = await import('@jellybrick/dbus-next');
    const message = new Message({
      destination: property.service,
      path: property.path,
      interface: 'org.freedesktop.DBus.Properties',
      member: 'Get',
      signature: 'ss',
      body: [property.interface, property.name],
      flags: MessageFlag.NO_AUTO_START,
    });
    try {
      this.#connection ??= this.#connect();
      const bus = await this.#connection;
      const reply = await this.#inTime(bus.call(message));
      const value = reply?.body[0];
      return value instanceof Variant ? value.value : null;
    } catch (error) {
      // The bus itself is well when it answers that there is no such service.
      if (!(error instanceof DBusError)) this.#drop();
      return null;
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  async #connect(): Promise<MessageBus> {
    const { sessionBus } = await import('@jellybrick/dbus-next');
    // Which of the package's two it is decides only the default of the address.
    const bus = sessionBus({ busAddress: this.#address });
    return this.#inTime(
      new Promise<MessageBus>((resolve, reject) => {
        bus.once('connect', () => resolve(bus));
        // The package's types leave this event out.
        (bus as EventEmitter).on('error', (error: unknown) => {
          reject(error instanceof Error ? error : new Error('The bus failed.'));
          this.#drop();
        });
      }),
    );
  }

  /** @throws Error when it takes longer than a call may */
  async #inTime<Value>(promise: Promise<Value>): Promise<Value> {
    const settled = new AbortController();
    const late = this.#clock.sleep(CALL_TIMEOUT_MS, settled.signal).then((): never => {
      throw new Error(`No answer within ${CALL_TIMEOUT_MS} ms.`);
    });
    try {
      return await Promise.race([promise, late]);
    } finally {
      settled.abort();
    }
  }

  #drop(): void {
    const connection = this.#connection;
    this.#connection = null;
    this.#notBeforeMs = this.#clock.monotonicMs() + RETRY_MS;
    connection?.then(
      (bus) => bus.disconnect(),
      () => undefined,
    );
  }
}
