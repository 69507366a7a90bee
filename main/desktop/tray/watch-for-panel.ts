import type { EventEmitter } from 'node:events';
import type { MessageBus } from '@jellybrick/dbus-next';
import { describeError } from '../../protocol/describe-error.ts';
import type { Log } from '../../protocol/ports.ts';

/** What panels that show icons own on the session bus (StatusNotifierItem, freedesktop.org). */
const WATCHER_NAME = 'org.kde.StatusNotifierWatcher';
const BUS = { destination: 'org.freedesktop.DBus', path: '/org/freedesktop/DBus', interface: 'org.freedesktop.DBus' };

/** Tells whether there is a panel that shows icons. */
export interface PanelWatch {
  readonly isPresent: boolean;
  close(): void;
}

/**
 * Watches for a panel on Linux, where there may be none, or one that comes after the login has started us. Elsewhere
 * there always is one.
 * @param onChange is told when one comes or goes
 */
export async function watchForPanel(
  platform: NodeJS.Platform,
  log: Log,
  onChange: (isPresent: boolean) => void,
): Promise<PanelWatch> {
  if (platform !== 'linux') return { isPresent: true, close: () => undefined };
  let isPresent = false;
  let bus: MessageBus | null = null;
  try {
    // Loaded while the icon is drawn already, and nowhere but on Linux.
    const { Message, sessionBus } = await import('@jellybrick/dbus-next');
    bus = await connect(sessionBus, (error) => log.debug('the session bus is gone', { problem: describeError(error) }));
    bus.on('message', (message) => {
      const [name, , newOwner] = message.member === 'NameOwnerChanged' ? message.body : [];
      if (name !== WATCHER_NAME || isPresent === (newOwner !== '')) return;
      isPresent = newOwner !== '';
      onChange(isPresent);
    });
    const rule = `type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='${WATCHER_NAME}'`;
    await bus.call(new Message({ ...BUS, member: 'AddMatch', signature: 's', body: [rule] }));
    const answer = await bus.call(
      new Message({ ...BUS, member: 'NameHasOwner', signature: 's', body: [WATCHER_NAME] }),
    );
    isPresent = answer?.body[0] === true;
  } catch (error) {
    log.info('there is no session bus, so the window takes the place of the tray', { problem: describeError(error) });
  }
  return {
    get isPresent() {
      return isPresent;
    },
    close: () => bus?.disconnect(),
  };
}

/** @throws when there is no bus, or it does not let us on */
function connect(sessionBus: () => MessageBus, onError: (error: unknown) => void): Promise<MessageBus> {
  return new Promise((resolve, reject) => {
    const bus = sessionBus();
    // The package's types leave these events out.
    const events = bus as unknown as EventEmitter;
    events.on('error', (error: unknown) => {
      onError(error);
      reject(error instanceof Error ? error : new Error(String(error)));
    });
    events.once('connect', () => resolve(bus));
  });
}
