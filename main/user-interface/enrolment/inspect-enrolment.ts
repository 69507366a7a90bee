import type { EnrolmentOffer } from '../../../preload/contract.ts';
import { HubAddressError, isLoopbackHost, parseHubAddress } from '../../agent/server/hub-address.ts';
import { parseEnrolmentToken } from '../../protocol/enrolment.ts';
import { UserInterfaceError } from '../user-interface-error.ts';

/** What enrolling would mean, and the token when it came with the address. */
export type InspectedEnrolment = EnrolmentOffer & { token: string | null };

const LINK_SCHEME = 'legwork:';
const LINK_HOST = 'enrol';
const LONGEST_LINK = 4_000;

/**
 * Takes a server's address or a whole `legwork://enrol?hub=…&token=…` link apart. Contacts nobody.
 * @param replaces the address of the present server; null without one
 * @throws UserInterfaceError `wrong_address`, `wrong_link`
 */
export function inspectEnrolment(text: string, replaces: string | null): InspectedEnrolment {
  const trimmed = text.trim();
  const link = readLink(trimmed);
  const address = link?.hub ?? withScheme(trimmed);
  const hubUrl = readAddress(address);
  const { hostname, host, protocol } = new URL(hubUrl);
  return {
    hubUrl,
    host,
    isEncrypted: protocol === 'https:' || isLoopbackHost(hostname),
    replaces: replaces === hubUrl ? null : replaces,
    abilities: abilitiesOf(host),
    token: link?.token ?? null,
  };
}

function abilitiesOf(host: string): string[] {
  return [
    `${host} can have pages of the public web opened on this machine and gets what they contain.`,
    'Pages see the internet address of this machine as their visitor.',
    'It cannot reach your files, your own browser, or devices of your network that you have not allowed.',
    'It sees this machine’s system, memory, number of processors and browser version, and when it is at work.',
    'Your limits, your pause and the list of blocked hosts always win. You can leave at any time.',
  ];
}

/** @throws UserInterfaceError `wrong_link` */
function readLink(text: string): { hub: string; token: string } | null {
  if (!text.toLowerCase().startsWith(LINK_SCHEME)) return null;
  const link = text.length <= LONGEST_LINK && URL.canParse(text) ? new URL(text) : null;
  // The host of a scheme that no standard knows keeps its capitals.
  const place = link === null ? '' : `${link.host}${link.pathname}`.replaceAll('/', '').toLowerCase();
  const hub = link === null ? null : onlyValue(link.searchParams, 'hub');
  const token = link === null ? null : onlyValue(link.searchParams, 'token');
  if (place !== LINK_HOST || hub === null || token === null || parseEnrolmentToken(token) === null) {
    throw new UserInterfaceError('wrong_link', 'This link is not a whole one. Copy it anew from where you got it.');
  }
  return { hub, token };
}

/** null also where there are several: a link that says two things is not followed. */
function onlyValue(parameters: URLSearchParams, name: string): string | null {
  const [value = null, ...others] = parameters.getAll(name);
  return others.length === 0 ? value : null;
}

/** People leave the scheme out; on this machine there is rarely a certificate. */
function withScheme(text: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return text;
  const guess = `https://${text}`;
  return URL.canParse(guess) && isLoopbackHost(new URL(guess).hostname) ? `http://${text}` : guess;
}

/** The form in which addresses of hubs are kept. @throws UserInterfaceError `wrong_address` */
function readAddress(text: string): string {
  if (text.replace(/^https?:\/*/i, '') === '') {
    throw new UserInterfaceError(
      'wrong_address',
      'There is no address of a server yet, such as https://hub.example.org.',
    );
  }
  try {
    const { origin, basePath } = parseHubAddress(text, { allowPlainHttp: true });
    return `${origin.origin}${basePath}`;
  } catch (error) {
    if (!(error instanceof HubAddressError)) throw error;
    throw new UserInterfaceError('wrong_address', error.message);
  }
}
