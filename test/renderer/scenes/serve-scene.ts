import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import {
  CALL_NAMES,
  type CallHandlers,
  type CallName,
  clientMessage,
  contract,
  type EventData,
  type EventName,
  type UiSnapshot,
  WEB_SOCKET_PATH,
} from '../../../preload/contract.ts';
import { sceneAnswers, type SceneWorld } from './scene-answers.ts';
import { blobContent } from './scene-blobs.ts';
import type { Scene } from './scenes.ts';

const TOKEN = 'scene-token';
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; " +
  "connect-src 'self' ws://127.0.0.1:*; frame-src 'self'; font-src 'self'; base-uri 'none'; form-action 'none'";
const BLOB_POLICIES = {
  file: "default-src 'none'; style-src 'unsafe-inline'; sandbox",
  page: "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox",
  report:
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; sandbox allow-scripts",
};
const CONTENT_TYPES: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** A window's other side, that a test can look at and play with. */
export interface RunningScene {
  url: string;
  world: SceneWorld;
  /** Every call but `snapshot`, in order. */
  calls: { name: CallName; argument: unknown }[];
  emit: <Name extends EventName>(name: Name, data: EventData<Name>) => void;
  /** Breaks every connection; `refuse` keeps new ones from being made. */
  breakConnections: (refuse: boolean) => void;
  acceptConnections: () => void;
  close: () => Promise<void>;
}

/** Serves the built window from a folder, and answers it as the agent of a scene would. */
export async function serveScene(rendererFolder: string, scene: Scene): Promise<RunningScene> {
  const sockets = new Set<WebSocket>();
  const calls: RunningScene['calls'] = [];
  let snapshot: UiSnapshot = scene.snapshot;
  let isRefusing = false;

  const emit: RunningScene['emit'] = (event, data) => {
    for (const socket of sockets) socket.send(JSON.stringify({ event, data }));
  };
  const world: SceneWorld = {
    nowMs: scene.snapshot.atMs,
    isEmpty: scene.isEmpty,
    history: scene.history,
    overrides: scene.overrides,
    snapshot: () => snapshot,
    change: (part) => {
      snapshot = { ...snapshot, sequence: snapshot.sequence + 1, ...part };
      emit('snapshot', snapshot);
    },
  };
  const answers = sceneAnswers(world);

  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    void answerFile(rendererFolder, path, response);
  });
  const webSockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (isRefusing || request.url !== `/${TOKEN}/${WEB_SOCKET_PATH}`) {
      socket.destroy();
      return;
    }
    webSockets.handleUpgrade(request, socket, head, (connection) => {
      sockets.add(connection);
      connection.on('close', () => sockets.delete(connection));
      connection.on('message', (data) => {
        void answerMessage(answers, world, calls, (data as Buffer).toString('utf8')).then((answer) =>
          connection.send(answer),
        );
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;

  const breakConnections = (refuse: boolean) => {
    isRefusing = refuse;
    for (const socket of sockets) socket.terminate();
  };
  return {
    url: `http://127.0.0.1:${port}/${TOKEN}/`,
    world,
    calls,
    emit,
    breakConnections,
    acceptConnections: () => {
      isRefusing = false;
    },
    close: async () => {
      breakConnections(true);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

async function answerMessage(
  answers: CallHandlers,
  world: SceneWorld,
  calls: RunningScene['calls'],
  text: string,
): Promise<string> {
  const { id, call, argument } = clientMessage.parse(JSON.parse(text));
  const name = CALL_NAMES.find((known) => known === call);
  if (name === undefined)
    return JSON.stringify({ id, failure: { code: 'unknown_call', message: `There is no ${call}.` } });
  if (name !== 'snapshot') calls.push({ name, argument });
  try {
    const parsed = contract.calls[name].argument.parse(argument);
    const handler = { ...answers, ...world.overrides }[name] as (argument: unknown) => unknown;
    return JSON.stringify({ id, answer: await handler(parsed) });
  } catch (error) {
    return JSON.stringify({ id, failure: { code: 'failed', message: (error as Error).message } });
  }
}

async function answerFile(rendererFolder: string, path: string, response: ServerResponse): Promise<void> {
  const prefix = `/${TOKEN}/`;
  const blob = /^blob\/(file|page|report)\/([0-9a-f]{64})$/.exec(path.slice(prefix.length));
  if (!path.startsWith(prefix)) {
    response.writeHead(404).end();
  } else if (blob !== null) {
    const found = blobContent(blob[2] ?? '');
    const policy = BLOB_POLICIES[blob[1] as keyof typeof BLOB_POLICIES];
    if (found === undefined) response.writeHead(404).end();
    else {
      response
        .writeHead(200, { 'content-type': found.contentType, 'content-security-policy': policy })
        .end(found.content);
    }
  } else {
    const file = normalize(path === prefix ? 'index.html' : path.slice(prefix.length));
    try {
      const content = await readFile(join(rendererFolder, file));
      response
        .writeHead(200, {
          'content-type': CONTENT_TYPES[extname(file)] ?? 'application/octet-stream',
          'content-security-policy': POLICY,
        })
        .end(content);
    } catch {
      response.writeHead(404).end();
    }
  }
}
