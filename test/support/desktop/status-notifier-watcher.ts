import type { EventEmitter } from 'node:events';
import { Message, sessionBus, Variant, type MessageBus } from '@jellybrick/dbus-next';

const WATCHER_NAME = 'org.kde.StatusNotifierWatcher';
const WATCHER_PATH = '/StatusNotifierWatcher';

/** Where an icon of the tray answers on the bus. */
export interface ItemAddress {
  /** Name of the connection. */
  busName: string;
  objectPath: string;
}

/**
 * The part of a panel that tray icons announce themselves to: `org.kde.StatusNotifierWatcher` of the specification
 * “StatusNotifierItem” (freedesktop.org).
 */
export class StatusNotifierWatcher {
  readonly #bus: MessageBus;
  #items: ItemAddress[] = [];
  readonly #listeners = new Set<() => void>();

  private constructor(bus: MessageBus) {
    this.#bus = bus;
    bus.addMethodHandler((message) => this.#answer(message));
    bus.on('message', (message) => this.#forgetItemsOf(message));
  }

  /** Takes the watcher's name on the bus, so that icons which come later find it. */
  static async start(busAddress: string): Promise<StatusNotifierWatcher> {
    const bus = sessionBus({ busAddress });
    // A connection that the daemon's end cuts is no failure of a test. The package's types leave this event out.
    (bus as unknown as EventEmitter).on('error', () => {});
    const watcher = new StatusNotifierWatcher(bus);
    await bus.requestName(WATCHER_NAME, 0);
    const match = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged'";
    await bus.call(
      new Message({
        destination: 'org.freedesktop.DBus',
        path: '/org/freedesktop/DBus',
        interface: 'org.freedesktop.DBus',
        member: 'AddMatch',
        signature: 's',
        body: [match],
      }),
    );
    return watcher;
  }

  get bus(): MessageBus {
    return this.#bus;
  }

  /** Icons that are in the panel now. */
  get items(): readonly ItemAddress[] {
    return this.#items;
  }

  /** Resolves with the newest icon, as soon as there is one. */
  async item(): Promise<ItemAddress> {
    for (;;) {
      const newest = this.#items.at(-1);
      if (newest !== undefined) return newest;
      await new Promise<void>((resolve) => this.#listeners.add(resolve));
    }
  }

  /** Resolves when no icon is left in the panel. */
  async untilEmpty(): Promise<void> {
    while (this.#items.length > 0) await new Promise<void>((resolve) => this.#listeners.add(resolve));
  }

  close(): void {
    this.#bus.disconnect();
  }

  #changed(items: ItemAddress[]): void {
    this.#items = items;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }

  #answer(message: Message): boolean {
    if (message.path !== WATCHER_PATH) return false;
    const reply = (signature: string, body: unknown[]): boolean => {
      this.#bus.send(Message.newMethodReturn(message, signature, body));
      return true;
    };
    switch (`${message.interface}.${message.member}`) {
      case `${WATCHER_NAME}.RegisterStatusNotifierItem`:
        this.#changed([...this.#items, addressOf(String(message.body[0]), message.sender)]);
        return reply('', []);
      case `${WATCHER_NAME}.RegisterStatusNotifierHost`:
        return reply('', []);
      case 'org.freedesktop.DBus.Properties.Get':
        return reply('v', [this.#property(String(message.body[1]))]);
      case 'org.freedesktop.DBus.Properties.GetAll': {
        const names = ['RegisteredStatusNotifierItems', 'IsStatusNotifierHostRegistered', 'ProtocolVersion'];
        return reply('a{sv}', [Object.fromEntries(names.map((name) => [name, this.#property(name)]))]);
      }
      default:
        return false;
    }
  }

  #property(name: string): Variant {
    if (name === 'ProtocolVersion') return new Variant('i', 0);
    if (name === 'IsStatusNotifierHostRegistered') return new Variant('b', true);
    return new Variant(
      'as',
      this.#items.map(({ busName, objectPath }) => `${busName}${objectPath}`),
    );
  }

  #forgetItemsOf(message: Message): void {
    if (message.member !== 'NameOwnerChanged') return;
    const [name, , newOwner] = message.body;
    if (newOwner !== '') return;
    const left = this.#items.filter(({ busName }) => busName !== name);
    if (left.length < this.#items.length) this.#changed(left);
  }
}

/** An item registers with the name of its connection, with the path of its object, or with both. */
function addressOf(service: string, sender: string): ItemAddress {
  const slash = service.indexOf('/');
  return {
    busName: slash === 0 ? sender : service.slice(0, slash === -1 ? undefined : slash),
    objectPath: slash === -1 ? '/StatusNotifierItem' : service.slice(slash),
  };
}
