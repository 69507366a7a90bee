/** The protocol's version: the `v1` of every signature and of `docs/protocol.md`. A hub and an agent must agree on it. */
export const PROTOCOL_VERSION = 1;

/** The version of this program, as the handshake reports it. Kept equal to `package.json` by a test. */
export const LEGWORK_VERSION = '0.1.0';
