import os from 'node:os';
import { handshakeResponse, type HandshakeRequest, type HandshakeResponse } from '../../protocol/handshake.ts';
import type { BrowserInformation } from '../../protocol/task-host-messages.ts';
import type { TaskCatalogue } from '../../protocol/task-type.ts';
import { LEGWORK_VERSION, PROTOCOL_VERSION } from '../../protocol/version.ts';
import type { HubClient } from './hub-client.ts';

/** What only the running agent knows of itself. */
export interface HandshakeFacts {
  instanceId: string;
  epoch: number;
  /** Made anew at each start of the program. */
  startId: string;
  browsers: BrowserInformation[];
  catalogue: TaskCatalogue;
  heldLeases: string[];
  unsentResults: { leaseId: string; attemptId: string }[];
}

/** The handshake's body; machine facts are read here, nothing in them names the person or the machine. */
export function describeAgent(facts: HandshakeFacts): HandshakeRequest {
  return {
    protocolVersion: PROTOCOL_VERSION,
    agentVersion: LEGWORK_VERSION,
    instanceId: facts.instanceId,
    epoch: facts.epoch,
    startId: facts.startId,
    operatingSystem: { platform: os.platform(), release: os.release(), architecture: os.arch() },
    cpuCount: Math.max(1, os.availableParallelism()),
    memoryBytes: os.totalmem(),
    browsers: facts.browsers.map(({ kind, version }) => ({ kind, version })),
    taskTypes: facts.catalogue.list().map((type) => ({ type: type.name, version: type.version })),
    heldLeases: facts.heldLeases,
    unsentResults: facts.unsentResults,
  };
}

/**
 * Starts a session.
 * @throws HubCallError
 */
export function shakeHands(client: HubClient, facts: HandshakeFacts, signal: AbortSignal): Promise<HandshakeResponse> {
  return client.post('/internal/handshake', describeAgent(facts), handshakeResponse, { signal });
}
