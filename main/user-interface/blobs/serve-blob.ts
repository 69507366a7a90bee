import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { dataPaths } from '../../agent/agent-options.ts';
import type { StoredBlob } from '../../agent/history/task-facts.ts';
import { BlobFolder } from '../../agent/outbox/blob-folder.ts';
import type { AgentKeeper } from '../keeper-port.ts';
import type { HistoryDoor } from '../open-history.ts';

/** A part of a result as the user interface shows it: with headers that keep it from running or loading anything. */
export interface ServedBlob {
  status: number;
  headers: Record<string, string>;
  body: ReadableStream;
}

type ShownAs = 'file' | 'page' | 'report';

const PATH = /^\/?blob\/(file|page|report)\/([0-9a-f]{64})$/;
/** Pictures cannot run anything; SVG can, so that it is not among them. */
const PICTURES = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'];

/**
 * What each way of showing a part may do. A page of the web is an origin of its own here, without scripts, network and
 * forms, whatever it contains. Lighthouse's report is a script that draws what is in it, without network.
 */
const POLICIES: Readonly<Record<ShownAs, string>> = {
  file: "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  page: "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; form-action 'none'; base-uri 'none'",
  report:
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; " +
    "font-src data:; connect-src 'none'; form-action 'none'; base-uri 'none'",
};

/**
 * Answers `blob/<as>/<sha256>` (see `blobPath` of the contract) for a part that a stored attempt names.
 * @returns null for any other path, and for a part that is not there
 */
export async function serveBlob(
  path: string,
  { keeper, history }: { keeper: AgentKeeper; history: HistoryDoor },
): Promise<ServedBlob | null> {
  const match = PATH.exec(path);
  if (match === null) return null;
  const [, as = 'file', sha256 = ''] = match;
  const blob = history.present()?.findBlob(sha256) ?? null;
  if (blob === null) return null;
  const shownAs = as as ShownAs;
  if (shownAs !== 'file' && !isHtml(blob)) return null;
  const file = new BlobFolder(dataPaths(keeper.settings.config.dataFolder).blobs).pathOf(sha256);
  const facts = await stat(file).catch(() => null);
  if (facts === null || !facts.isFile()) return null;
  return {
    status: 200,
    headers: blobHeaders(blob, shownAs, facts.size),
    body: Readable.toWeb(createReadStream(file)),
  };
}

function isHtml({ contentType }: StoredBlob): boolean {
  return /^text\/html\b/i.test(contentType);
}

function blobHeaders({ name, contentType }: StoredBlob, as: ShownAs, sizeBytes: number): Record<string, string> {
  const isPicture = PICTURES.includes(contentType.split(';')[0]?.trim().toLowerCase() ?? '');
  const isShown = as !== 'file' || isPicture;
  return {
    'content-type': as !== 'file' ? 'text/html; charset=utf-8' : isPicture ? contentType : 'application/octet-stream',
    'content-length': String(sizeBytes),
    // The name is a plain lower-case file name by its schema.
    'content-disposition': isShown ? 'inline' : `attachment; filename="${name.replaceAll(/[^a-z0-9._-]/g, '_')}"`,
    'content-security-policy': `${POLICIES[as]}; frame-ancestors 'self'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
  };
}
