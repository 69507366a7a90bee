import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/**
 * A port of 127.0.0.1 that refuses connections until the test is over. It is the outgoing end of a connection: nobody
 * listens there, and no other program is given it meanwhile, as it may be given one that a server has left.
 */
export async function refusingPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => {
    socket.destroy();
    server.close();
  });
  await once(socket, 'connect');
  if (socket.localPort === undefined) throw new Error('the connection has no port');
  return socket.localPort;
}
