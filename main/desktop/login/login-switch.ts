import type { StartAtLogin } from './start-at-login.ts';

/** Others may change the entry: the system's settings, a tidy person. */
const LOOK_MS = 30_000;

/** What the system says of the start at login, looked at again from time to time and whenever somebody may see it. */
export class LoginSwitch {
  readonly #system: StartAtLogin;
  readonly #listeners = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #isEnabled: boolean;

  constructor(system: StartAtLogin) {
    this.#system = system;
    system.repair();
    this.#isEnabled = system.isEnabled();
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.#timer.unref();
  }

  get isEnabled(): boolean {
    return this.#isEnabled;
  }

  /** @returns what the system says afterwards */
  set(enabled: boolean): boolean {
    this.#system.setEnabled(enabled);
    this.look();
    return this.#isEnabled;
  }

  look(): void {
    const isEnabled = this.#system.isEnabled();
    if (isEnabled === this.#isEnabled) return;
    this.#isEnabled = isEnabled;
    for (const listener of this.#listeners) listener();
  }

  /** @returns the function that ends the subscription */
  subscribe(onChange: () => void): () => void {
    this.#listeners.add(onChange);
    return () => this.#listeners.delete(onChange);
  }

  close(): void {
    clearInterval(this.#timer);
  }
}
