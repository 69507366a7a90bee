import { createSocket } from 'node:dgram';
import { networkInterfaces } from 'node:os';

/** An address that nobody has (RFC 5737). Naming it as the peer of a UDP socket looks a route up and sends nothing. */
const SOMEWHERE = { address: '192.0.2.1', port: 9 };

/**
 * The IPv4 address that this machine sends from: that of the way to the internet, without it that of any network card,
 * without one that of loopback. Nothing is sent to find it out.
 */
export async function ownAddress(): Promise<string> {
  return (await addressOfRoute()) ?? addressOfCard() ?? '127.0.0.1';
}

function addressOfRoute(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    const end = (address: string | null): void => {
      socket.close();
      resolve(address);
    };
    socket.once('error', () => end(null));
    socket.connect(SOMEWHERE.port, SOMEWHERE.address, () => end(socket.address().address));
  });
}

function addressOfCard(): string | null {
  const cards = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return cards.find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? null;
}
