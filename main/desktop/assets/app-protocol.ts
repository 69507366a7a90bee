import { type CustomScheme, protocol } from 'electron';
import type { ServedBlob } from '../../user-interface/blobs/serve-blob.ts';
import { readPageFile } from '../../user-interface/page-file.ts';
import { pageHeaders } from '../../user-interface/page-headers.ts';
import { APP_SCHEME, pathOf } from './app-address.ts';

/** How the scheme of the window's page is registered; must be done before the app is ready. */
export const APP_SCHEME_REGISTRATION: CustomScheme = {
  scheme: APP_SCHEME,
  privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true },
};

export interface AppProtocolOptions {
  /** The built page. */
  rendererFolder: string;
  /** Answers `/blob/…`; null for a path that is none. */
  serveBlob: (path: string) => Promise<ServedBlob | null>;
}

/** Answers every request of the window. Nothing else of the disk can be read through it. */
export function serveApp({ rendererFolder, serveBlob }: AppProtocolOptions): void {
  protocol.handle(APP_SCHEME, async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return refuse(405);
    const path = pathOf(request.url);
    if (path === null) return refuse(404);
    if (path.startsWith('/blob/')) {
      const blob = await serveBlob(path.slice(1));
      if (blob === null) return refuse(404);
      return new Response(blob.body as ReadableStream as BodyInit, { status: blob.status, headers: blob.headers });
    }
    const file = await readPageFile(rendererFolder, path);
    if (file === null) return refuse(404);
    return new Response(new Uint8Array(file.content), {
      headers: { ...pageHeaders(), 'content-type': file.contentType },
    });
  });
}

function refuse(status: number): Response {
  return new Response(null, { status, headers: pageHeaders() });
}
