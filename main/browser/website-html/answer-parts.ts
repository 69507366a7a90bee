import type { Protocol } from 'devtools-protocol';
import { LIMITS } from './limits.ts';

const HTML_TYPES: ReadonlySet<string> = new Set(['text/html', 'application/xhtml+xml']);

/** Endings of the files in which answers that are not HTML are kept. */
const ENDINGS: Readonly<Record<string, string>> = {
  'application/json': 'json',
  'application/ld+json': 'json',
  'application/javascript': 'js',
  'text/javascript': 'js',
  'text/css': 'css',
  'text/csv': 'csv',
  'text/plain': 'txt',
  'application/xml': 'xml',
  'application/rss+xml': 'xml',
  'application/atom+xml': 'xml',
  'text/xml': 'xml',
  'image/avif': 'avif',
  'image/gif': 'gif',
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/svg+xml': 'svg',
  'image/webp': 'webp',
  'image/x-icon': 'ico',
  'video/mp4': 'mp4',
  'video/webm': 'webm',
  'audio/mpeg': 'mp3',
};

export function isHtml(mimeType: string | null): boolean {
  return mimeType !== null && HTML_TYPES.has(mimeType);
}

/** The name of the blob of an answer that is not HTML. */
export function bodyName(mimeType: string | null): string {
  return `body.${ENDINGS[mimeType ?? ''] ?? 'bin'}`;
}

/** A header of an answer as Chromium gives it, whose names are in the site's spelling; undefined when it is not there. */
export function headerOf(headers: Record<string, string>, lowerName: string): string | undefined {
  return Object.entries(headers).find(([name]) => name.toLowerCase() === lowerName)?.[1];
}

/** Headers for a result: names in lower case, repeated ones joined, bounded, without cookies. */
export function resultHeaders(headers: Record<string, string>): Record<string, string> {
  const kept: Record<string, string> = {};
  let left: number = LIMITS.headerCharacters * 8;
  for (const [name, value] of Object.entries(headers)) {
    const lowerName = name.toLowerCase();
    if (lowerName === 'set-cookie' || lowerName === 'set-cookie2') continue;
    // Chromium joins repeated headers with line ends.
    const text = value.replaceAll('\n', ', ').slice(0, LIMITS.headerCharacters);
    left -= lowerName.length + text.length;
    if (left < 0) break;
    kept[lowerName] = text;
  }
  return kept;
}

/** Whether `resultHeaders` leaves anything out but cookies. */
export function areHeadersCut(headers: Record<string, string>): boolean {
  const kept = resultHeaders(headers);
  return Object.entries(headers).some(([name, value]) => {
    const lowerName = name.toLowerCase();
    if (lowerName === 'set-cookie' || lowerName === 'set-cookie2') return false;
    return kept[lowerName]?.length !== value.replaceAll('\n', ', ').length;
  });
}

/**
 * Phases of the connection in milliseconds; null where the connection was there already, or nothing is known.
 * @param lookUpMs what the network guard took to look the host up, which the browser counts as connecting
 */
export function connectionTimings(timing: Protocol.Network.ResourceTiming | null, lookUpMs: number | null) {
  const between = (start: number | undefined, end: number | undefined): number | null =>
    start === undefined || end === undefined || start < 0 || end < start ? null : rounded(end - start);
  const connectMs = between(timing?.connectStart, timing?.connectEnd);
  const dnsMs = connectMs === null || lookUpMs === null ? null : rounded(Math.min(lookUpMs, connectMs));
  return {
    dnsMs,
    connectMs: connectMs === null ? null : rounded(connectMs - (dnsMs ?? 0)),
    tlsMs: between(timing?.sslStart, timing?.sslEnd),
  };
}

/** Milliseconds with one decimal; browsers give noise beyond that. */
export function rounded(ms: number): number;
export function rounded(ms: number | null): number | null;
export function rounded(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms * 10) / 10;
}
