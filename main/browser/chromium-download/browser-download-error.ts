/** Why a browser could not be downloaded, in a sentence for people that says what to do. */
export class BrowserDownloadError extends Error {
  /** `cancelled`: somebody wanted it so. */
  readonly kind: 'network' | 'refused' | 'disk' | 'archive' | 'cancelled';

  constructor(kind: BrowserDownloadError['kind'], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'BrowserDownloadError';
    this.kind = kind;
  }
}
