import { createHash } from 'node:crypto';
import { Message, Variant, type MessageBus } from '@jellybrick/dbus-next';
import type { ItemAddress } from './status-notifier-watcher.ts';

const ITEM_INTERFACE = 'org.kde.StatusNotifierItem';
const MENU_INTERFACE = 'com.canonical.dbusmenu';
const ROOT_ENTRY = 0;
const ALL_LEVELS = -1;
const POLL_MS = 50;

const pause = (delayMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, delayMs));

/** An entry of the tray's menu as a panel shows it. */
export interface MenuEntry {
  id: number;
  /** Without the underscore that marks its shortcut. */
  label: string;
  enabled: boolean;
  isSeparator: boolean;
  /** null: it has no mark. */
  checked: boolean | null;
  children: MenuEntry[];
}

/** What the panel draws. `picture` is the same for the same picture. */
export interface IconFace {
  picture: string;
  widths: number[];
  toolTip: string;
  title: string;
}

/** An icon in the panel, used as a panel does: through its StatusNotifierItem and its menu (com.canonical.dbusmenu). */
export class TrayIcon {
  readonly #bus: MessageBus;
  readonly #address: ItemAddress;

  constructor(bus: MessageBus, address: ItemAddress) {
    this.#bus = bus;
    this.#address = address;
  }

  async face(): Promise<IconFace> {
    const [properties] = await this.#call('org.freedesktop.DBus.Properties', 'GetAll', 's', [ITEM_INTERFACE]);
    const values = properties as Record<string, Variant>;
    const pictures = (values['IconPixmap']?.value ?? []) as [number, number, Uint8Array][];
    const hash = createHash('sha256');
    for (const [, , pixels] of pictures) hash.update(Uint8Array.from(pixels));
    const toolTip = (values['ToolTip']?.value ?? []) as unknown[];
    return {
      picture: hash.digest('hex'),
      widths: pictures.map(([width]) => width),
      toolTip: [toolTip[2], toolTip[3]].filter((text) => typeof text === 'string' && text !== '').join('\n'),
      title: text(values['Title']?.value),
    };
  }

  /** The whole menu as it is now. */
  async menu(): Promise<MenuEntry[]> {
    const menuPath = await this.#menuPath();
    await this.#call(MENU_INTERFACE, 'AboutToShow', 'i', [ROOT_ENTRY], menuPath).catch(() => {});
    const [, root] = await this.#call(MENU_INTERFACE, 'GetLayout', 'iias', [ROOT_ENTRY, ALL_LEVELS, []], menuPath);
    return entryOf(root as LayoutNode).children;
  }

  /** Resolves with what the icon says when it is pointed at, once that matches. */
  async untilSays(pattern: RegExp): Promise<string> {
    for (;;) {
      const { toolTip } = await this.face();
      if (pattern.test(toolTip)) return toolTip;
      await pause(POLL_MS);
    }
  }

  /** Resolves once an entry of the menu, or of one below it, has such a label. @returns all labels */
  async untilOffers(pattern: RegExp): Promise<string[]> {
    for (;;) {
      const labels = await this.labels();
      if (labels.some((label) => pattern.test(label))) return labels;
      await pause(POLL_MS);
    }
  }

  /** Labels of all entries, those of submenus behind their own one: `Pause › For 1 hour`. */
  async labels(): Promise<string[]> {
    return labelsOf(await this.menu());
  }

  /**
   * Chooses an entry by its labels from the top of the menu down, as a click does. A menu that was set anew meanwhile has
   * other entries, of which the same one is chosen then.
   * @throws Error when there is none, or it cannot be chosen
   */
  async choose(...path: (string | RegExp)[]): Promise<void> {
    for (;;) {
      const id = await this.#find(path);
      const event = [id, 'clicked', new Variant('s', ''), 0];
      try {
        await this.#call(MENU_INTERFACE, 'Event', 'isvu', event, await this.#menuPath());
        return;
      } catch (error) {
        if (allOf(await this.menu()).some((entry) => entry.id === id)) throw error;
      }
    }
  }

  async #find(path: readonly (string | RegExp)[]): Promise<number> {
    const top = await this.menu();
    let level = top;
    let found: MenuEntry | undefined;
    for (const label of path) {
      found = level.find((entry) => (typeof label === 'string' ? entry.label === label : label.test(entry.label)));
      if (found === undefined) throw new Error(`No ${path.join(' › ')} in the menu:\n${labelsOf(top).join('\n')}`);
      level = found.children;
    }
    if (found?.enabled !== true) throw new Error(`${path.join(' › ')} cannot be chosen`);
    return found.id;
  }

  /** A click on the icon itself. */
  async activate(): Promise<void> {
    await this.#call(ITEM_INTERFACE, 'Activate', 'ii', [0, 0]);
  }

  async #menuPath(): Promise<string> {
    const [path] = await this.#call('org.freedesktop.DBus.Properties', 'Get', 'ss', [ITEM_INTERFACE, 'Menu']);
    return String((path as Variant).value);
  }

  async #call(
    interfaceName: string,
    member: string,
    signature: string,
    body: unknown[],
    path = this.#address.objectPath,
  ): Promise<unknown[]> {
    const reply = await this.#bus.call(
      new Message({ destination: this.#address.busName, path, interface: interfaceName, member, signature, body }),
    );
    return reply?.body ?? [];
  }
}

type LayoutNode = [number, Record<string, Variant>, Variant[]];

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function entryOf([id, properties, children]: LayoutNode): MenuEntry {
  return {
    id,
    label: text(properties['label']?.value).replaceAll(/_(.)/g, '$1'),
    enabled: properties['enabled']?.value !== false,
    isSeparator: properties['type']?.value === 'separator',
    checked: properties['toggle-type'] === undefined ? null : properties['toggle-state']?.value === 1,
    children: children
      .map(({ value }) => value as LayoutNode)
      .filter(([, childProperties]) => childProperties['visible']?.value !== false)
      .map(entryOf),
  };
}

function allOf(entries: readonly MenuEntry[]): MenuEntry[] {
  return entries.flatMap((entry) => [entry, ...allOf(entry.children)]);
}

function labelsOf(entries: readonly MenuEntry[], before = ''): string[] {
  return entries
    .filter(({ isSeparator }) => !isSeparator)
    .flatMap(({ label, children }) => [`${before}${label}`, ...labelsOf(children, `${before}${label} › `)]);
}
