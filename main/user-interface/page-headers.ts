/**
 * What the window's page may do, as headers: nothing but its own files. Styles may stand in attributes, since lists and
 * charts place their parts so; a style can neither run anything nor, with these sources, reach the network.
 * @param connectTo what it may connect to beside its own origin, such as `ws://127.0.0.1:4711`
 */
export function pageHeaders(connectTo: readonly string[] = []): Record<string, string> {
  return {
    'content-security-policy': [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self' 'unsafe-inline'",
      "img-src 'self' data: blob:",
      "font-src 'self'",
      ["connect-src 'self'", ...connectTo].join(' '),
      "frame-src 'self'",
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "object-src 'none'",
    ].join('; '),
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
