import { readHost } from './host-name.ts';

/** An entry of the blocked hosts that cannot be read; the message names it and says what would be right. */
export class BlockedHostError extends Error {
  readonly entry: string;

  constructor(entry: string, problem: string) {
    super(`"${entry}" ${problem}`);
    this.name = 'BlockedHostError';
    this.entry = entry;
  }
}

/**
 * The domains that the host of this machine never wants visited, with everything below them; an address is blocked as
 * it stands. Names in other scripts are compared in their IDNA form, so that each spelling of a domain is the same one.
 */
export class BlockedHosts {
  readonly #domains: ReadonlySet<string>;

  /** @param texts such as `example.org`, `*.example.org` (the same) or `bücher.example` @throws BlockedHostError */
  constructor(texts: readonly string[]) {
    this.#domains = new Set(texts.map((text) => parseBlocked(text)));
  }

  /** @param host a name or an address in its canonical spelling, as `readHost` gives it */
  blocks(host: string): boolean {
    if (this.#domains.size === 0) return false;
    for (let rest = host; ; rest = rest.slice(rest.indexOf('.') + 1)) {
      if (this.#domains.has(rest)) return true;
      if (!rest.includes('.')) return false;
    }
  }
}

function parseBlocked(text: string): string {
  const trimmed = text.trim();
  if (trimmed === '') throw new BlockedHostError(text, 'is empty; write a domain such as example.org.');
  if (trimmed.includes('://') || /^[^[].*\//.test(trimmed)) {
    throw new BlockedHostError(text, 'is a URL; write only its domain, such as example.org.');
  }
  const host = readHost(trimmed.replace(/^\*?\./, '').replace(/^\[(.*)\]$/, '$1'));
  if (host.kind === 'invalid') throw new BlockedHostError(text, 'is neither a domain nor an address.');
  return host.text;
}
