import { z } from 'zod';
import type { PageNetwork } from './network-guard/page-network.ts';

/** What every result says of the network: what the task took of it, and where it was not let through. */
export const networkResult = z
  .object({
    bytesDown: z.number().int().nonnegative().describe('Bytes received, TLS and headers included.'),
    bytesUp: z.number().int().nonnegative().describe('Bytes sent, the same way.'),
    refused: z
      .array(
        z.object({
          host: z.string().describe('As the page named it.'),
          address: z.string().nullable().describe('The address that broke the rule; null when the name alone did.'),
          port: z.number().int().describe('The port that was asked for.'),
          rule: z.string().describe('The rule, such as private, loopback, local_name, port, blocked_host.'),
        }),
      )
      .describe('Hosts that the page was kept from, each address, port and rule once; at most 100.'),
    refusedConnections: z.number().int().nonnegative().describe('How often, repetitions included.'),
  })
  .describe('Measured where everything that the page sends leaves this machine.');
export type NetworkResult = z.output<typeof networkResult>;

/** What went through the ways out of a task, taken together. */
export function describeNetwork(networks: readonly PageNetwork[]): NetworkResult {
  const sum = (of: (network: PageNetwork) => number): number => networks.reduce((total, one) => total + of(one), 0);
  const refused = new Map(networks.flatMap(({ refusals }) => refusals.map((one) => [JSON.stringify(one), one])));
  return {
    bytesDown: sum(({ bytesDown }) => bytesDown),
    bytesUp: sum(({ bytesUp }) => bytesUp),
    refused: [...refused.values()]
      .slice(0, 100)
      .map(({ host, address, port, rule }) => ({ host, address, port, rule })),
    refusedConnections: sum(({ refusedConnections }) => refusedConnections),
  };
}
