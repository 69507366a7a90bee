import { judgeAddress } from '../protocol/network/address-rules.ts';
import { isNeverPort } from '../protocol/network/port-rules.ts';
import { localNameRule, readHost } from '../protocol/network/host-name.ts';

/**
 * The hosts among the addresses that only mean something on this machine or in the network around it, each with its port
 * and as the allow list takes it. Whoever types such an address opens it by that. A name that could be anybody's is not
 * opened, since whoever owns it decides where it leads.
 */
export function localHostsOf(urls: readonly string[]): string[] {
  const entries = urls.map((text) => {
    const url = new URL(text);
    const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
    const host = readHost(url.hostname.replace(/^\[(.*)\]$/, '$1'));
    const isLocal = host.kind === 'address' ? !judgeAddress(host.text).allowed : localNameRule(host.text) !== null;
    // What cannot be opened is refused, which the page's outcome says.
    if (!isLocal || isNeverPort(port)) return null;
    return `${host.text.includes(':') ? `[${host.text}]` : host.text}:${port}`;
  });
  return [...new Set(entries.filter((entry) => entry !== null))];
}
