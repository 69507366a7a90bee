import type { TaskHostSettings } from '../../main/protocol/task-host-messages.ts';

/** What a host sets whose own sites are on this machine, as those of the tests are. */
export const LOOPBACK_NETWORK: TaskHostSettings['network'] = {
  allowedPrivateHosts: ['127.0.0.1:*', 'localhost:*', '[::1]:*'],
  blockedHosts: [],
  hub: null,
  ownPorts: [],
  upstreamProxy: null,
};

/** The same as it is set for an agent that is a program of its own. */
export const LOOPBACK_PERMISSION = { LEGWORK_ALLOWED_PRIVATE_HOSTS: LOOPBACK_NETWORK.allowedPrivateHosts.join(',') };
