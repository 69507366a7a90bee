import { createSocket, type Socket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { isIPv4, isIPv6 } from 'node:net';
import ipaddr from 'ipaddr.js';

/** The addresses of a name at this moment: each question may get other ones. Null: there is no such name. */
export type Answers = (name: string) => readonly string[] | null;

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TYPE_AAAA = 28;
const CLASS_IN = 1;
/** Name error (RFC 1035, 4.1.1). */
const NO_SUCH_NAME = 3;

/**
 * A DNS server on loopback (RFC 1035, UDP) that answers A and AAAA as its owner likes, with a time to live of 0: the
 * server of somebody who owns a domain and wants it to lead elsewhere from one question to the next.
 */
export class DnsAnswerer {
  /** Names that were asked for. */
  readonly asked = new Set<string>();
  readonly #socket: Socket;
  readonly #answers: Answers;
  /** One list of addresses serves the questions for A and AAAA that belong together. */
  readonly #pending = new Map<string, { addresses: readonly string[] | null; otherType: number }>();

  private constructor(answers: Answers) {
    this.#answers = answers;
    this.#socket = createSocket('udp4');
    this.#socket.on('message', (question, from) => {
      const answer = this.#answer(question);
      if (answer !== null) this.#socket.send(answer, from.port, from.address);
    });
  }

  static async start(answers: Answers): Promise<DnsAnswerer> {
    const answerer = new DnsAnswerer(answers);
    await new Promise<void>((resolve) => answerer.#socket.bind(0, '127.0.0.1', resolve));
    return answerer;
  }

  /** Looks a name up at this server, as the guard's resolver. */
  async resolve(name: string): Promise<readonly string[]> {
    const resolver = new Resolver({ timeout: 5_000, tries: 1 });
    resolver.setServers([`127.0.0.1:${this.#socket.address().port}`]);
    const both = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const addresses = both.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (addresses.length === 0) throw new Error(`${name} has no address.`);
    return addresses;
  }

  close(): void {
    this.#socket.close();
  }

  #answer(question: Buffer): Buffer | null {
    const read = readQuestion(question);
    if (read === null) return null;
    const { name, type, end } = read;
    this.asked.add(name);
    const addresses = this.#addresses(name, type);
    const isWanted = type === TYPE_A ? isIPv4 : isIPv6;
    const records = (addresses ?? []).filter((address) => isWanted(address)).map((address) => record(type, address));
    const header = Buffer.from(question.subarray(0, HEADER_BYTES));
    header.writeUInt16BE(0x8580 | (addresses === null ? NO_SUCH_NAME : 0), 2);
    header.writeUInt16BE(1, 4);
    header.writeUInt16BE(records.length, 6);
    header.writeUInt32BE(0, 8);
    return Buffer.concat([header, question.subarray(HEADER_BYTES, end), ...records]);
  }

  #addresses(name: string, type: number): readonly string[] | null {
    const pending = this.#pending.get(name);
    if (pending?.otherType === type) {
      this.#pending.delete(name);
      return pending.addresses;
    }
    const addresses = this.#answers(name);
    this.#pending.set(name, { addresses, otherType: type === TYPE_A ? TYPE_AAAA : TYPE_A });
    return addresses;
  }
}

function readQuestion(message: Buffer): { name: string; type: number; end: number } | null {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = message[at]; length !== undefined && length > 0; length = message[at]) {
    labels.push(message.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  if (message.length < at + 5) return null;
  return { name: labels.join('.').toLowerCase(), type: message.readUInt16BE(at + 1), end: at + 5 };
}

/** An answer that points back at the name of the question (RFC 1035, 4.1.4). */
function record(type: number, address: string): Buffer {
  const data = Buffer.from(ipaddr.parse(address).toByteArray());
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(CLASS_IN, 4);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
