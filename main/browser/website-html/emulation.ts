import type { Protocol } from 'devtools-protocol';
import { LegworkError } from '../../protocol/error-table.ts';
import { CdpError, type CdpMethod, type CdpParameters } from '../cdp-types.ts';
import type { PageSession } from '../page-session.ts';
import type { WebsiteHtmlPayload } from './payload.ts';

/** A device of Playwright's list, as far as it is emulated. */
interface Device {
  readonly userAgent: string;
  readonly viewport: { readonly width: number; readonly height: number };
  readonly deviceScaleFactor: number;
  readonly isMobile: boolean;
  readonly hasTouch: boolean;
}

/** A command that makes a page see something else than the machine has, and the field that asked for it. */
interface Override<Method extends CdpMethod = CdpMethod> {
  readonly field: keyof WebsiteHtmlPayload;
  readonly method: Method;
  readonly parameters: CdpParameters<Method>;
  /** Frames of other sites run in processes of their own and must be told too. */
  readonly inFrames: boolean;
}

/** What the browser calls itself, and what any other name ends with, too, so that sites can tell who visits them. */
interface UserAgents {
  readonly own: string;
  readonly suffix: string;
}

/** What the payload asks a page to be told; nothing for a payload without wishes. */
export class Emulation {
  readonly #overrides: Override[] = [];
  readonly #screen: Protocol.Emulation.SetDeviceMetricsOverrideRequest | null;

  private constructor(payload: WebsiteHtmlPayload, device: Device | null, agents: UserAgents) {
    this.#screen = screenOf(payload, device);
    if (device?.hasTouch === true) this.#add('device', 'Emulation.setTouchEmulationEnabled', { enabled: true });
    this.#addLanguage(payload, device, agents);
    this.#addPageWishes(payload);
    this.#addRequestWishes(payload);
  }

  /** @throws LegworkError `invalid_payload` for a device that is not known */
  static async of(payload: WebsiteHtmlPayload, agents: UserAgents): Promise<Emulation> {
    const device = payload.device === undefined ? null : await findDevice(payload.device);
    return new Emulation(payload, device, agents);
  }

  /**
   * Tells the page, and waits until it knows: what the renderer of the blank page has not taken in when the first
   * document arrives would be lost. Only the window's size is the browser's own business and need not be waited for.
   * @throws LegworkError `invalid_payload` when Chromium does not take a value
   */
  async apply(page: PageSession): Promise<void> {
    if (this.#screen !== null) page.post('Emulation.setDeviceMetricsOverride', this.#screen);
    if (this.#overrides.length === 0) return;
    await Promise.all(
      this.#overrides.map(async ({ field, method, parameters }) => {
        try {
          await page.send(method, parameters);
        } catch (error) {
          if (!(error instanceof CdpError)) throw error;
          throw new LegworkError('invalid_payload', `payload.${field}: ${error.protocolMessage}`);
        }
      }),
    );
  }

  /** Tells a frame of another site what the page was told. */
  applyToFrame(page: PageSession, sessionId: string): void {
    for (const { method, parameters, inFrames } of this.#overrides) {
      if (inFrames) page.post(method, parameters, sessionId);
    }
  }

  #add<Method extends CdpMethod>(
    field: keyof WebsiteHtmlPayload,
    method: Method,
    parameters: CdpParameters<Method>,
    inFrames = true,
  ): void {
    this.#overrides.push({ field, method, parameters, inFrames });
  }

  #addLanguage({ userAgent, locale, timezoneId }: WebsiteHtmlPayload, device: Device | null, agents: UserAgents): void {
    const { own: ownAgent, suffix } = agents;
    const wishedAgent = userAgent ?? device?.userAgent;
    const wantedAgent = wishedAgent === undefined || suffix === '' ? wishedAgent : `${wishedAgent} ${suffix}`;
    if (wantedAgent !== undefined || locale !== undefined) {
      this.#add(userAgent === undefined && device !== null ? 'device' : 'userAgent', 'Emulation.setUserAgentOverride', {
        userAgent: wantedAgent ?? ownAgent,
        acceptLanguage: locale,
        userAgentMetadata: wantedAgent === undefined ? undefined : describeUserAgent(wantedAgent, device),
      });
    }
    if (locale !== undefined) {
      // Chromium wants the language as ICU writes it.
      this.#add('locale', 'Emulation.setLocaleOverride', { locale: locale.replaceAll('-', '_') });
    }
    if (timezoneId !== undefined) this.#add('timezoneId', 'Emulation.setTimezoneOverride', { timezoneId });
  }

  #addPageWishes({ colorScheme, javaScriptEnabled }: WebsiteHtmlPayload): void {
    if (colorScheme !== undefined) {
      const features = [{ name: 'prefers-color-scheme', value: colorScheme }];
      this.#add('colorScheme', 'Emulation.setEmulatedMedia', { features });
    }
    if (!javaScriptEnabled) this.#add('javaScriptEnabled', 'Emulation.setScriptExecutionDisabled', { value: true });
  }

  #addRequestWishes({ url, extraHeaders, cookies }: WebsiteHtmlPayload): void {
    const entries = Object.entries(extraHeaders).filter(([name]) => name.toLowerCase() !== 'authorization');
    if (entries.length > 0) {
      this.#add('extraHeaders', 'Network.setExtraHTTPHeaders', { headers: Object.fromEntries(entries) });
    }
    if (cookies.length > 0) {
      const parameters = cookies.map((cookie) => cookieParameter(cookie, url));
      this.#add('cookies', 'Network.setCookies', { cookies: parameters }, false);
    }
  }
}

function screenOf({ viewport }: WebsiteHtmlPayload, device: Device | null) {
  const size = device?.viewport ?? viewport;
  if (size === undefined) return null;
  return {
    width: size.width,
    height: size.height,
    deviceScaleFactor: device?.deviceScaleFactor ?? viewport?.deviceScaleFactor ?? 1,
    mobile: device?.isMobile ?? false,
  };
}

async function findDevice(name: string): Promise<Device> {
  // Half a second to load, and few payloads name a device.
  const { devices } = await import('playwright-core');
  const device = Object.hasOwn(devices, name) ? devices[name] : undefined;
  if (device !== undefined) return device;
  const similar = Object.keys(devices)
    .map((known) => ({ known, shared: sharedStart(known.toLowerCase(), name.toLowerCase()) }))
    .filter(({ shared }) => shared >= 3)
    .sort((one, other) => other.shared - one.shared)
    .map(({ known }) => known);
  const advice = similar.length === 0 ? '' : ` Known are ${similar.slice(0, 8).join(', ')}.`;
  throw new LegworkError('invalid_payload', `payload.device: is not a known device.${advice}`);
}

/** How many characters two names begin with in common. */
function sharedStart(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) length += 1;
  return length;
}

/** What the client hints say (User-Agent Client Hints, WICG), so that they do not contradict the user agent. */
function describeUserAgent(userAgent: string, device: Device | null): Protocol.Emulation.UserAgentMetadata {
  const android = /Android (\d+(?:\.\d+)*)(?:; ([^;)]+))?/.exec(userAgent);
  const version = /Chrome\/(\d+)/.exec(userAgent)?.[1];
  const isMobile = device?.isMobile ?? / Mobile/.test(userAgent);
  return {
    brands:
      version === undefined
        ? []
        : [
            { brand: 'Chromium', version },
            { brand: 'Not;A=Brand', version: '99' },
          ],
    platform: android === null ? platformOf(userAgent) : 'Android',
    platformVersion: android?.[1] ?? '',
    architecture: isMobile ? '' : 'x86',
    model: isMobile ? (android?.[2] ?? '') : '',
    mobile: isMobile,
  };
}

function platformOf(userAgent: string): string {
  if (/iPhone|iPad/.test(userAgent)) return 'iOS';
  if (userAgent.includes('Mac OS X')) return 'macOS';
  return userAgent.includes('Windows') ? 'Windows' : 'Linux';
}

function cookieParameter(cookie: WebsiteHtmlPayload['cookies'][number], pageUrl: string): Protocol.Network.CookieParam {
  const { name, value, domain, path, httpOnly, secure, sameSite, expiresAtMs } = cookie;
  const sites = { strict: 'Strict', lax: 'Lax', none: 'None' } as const;
  return {
    name,
    value,
    path,
    httpOnly,
    secure,
    ...(domain === undefined ? { url: pageUrl } : { domain }),
    ...(sameSite === undefined ? {} : { sameSite: sites[sameSite] }),
    ...(expiresAtMs === undefined ? {} : { expires: expiresAtMs / 1_000 }),
  };
}
