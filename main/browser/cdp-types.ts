import type { ProtocolMapping } from 'devtools-protocol/types/protocol-mapping.js';

/** Name of a command of the Chrome DevTools Protocol, such as `Page.navigate`. */
export type CdpMethod = keyof ProtocolMapping.Commands;

/** The parameters of a command; a command without parameters takes none. */
export type CdpParameters<Method extends CdpMethod> = ProtocolMapping.Commands[Method]['paramsType'][0];

/** What a command answers. */
export type CdpAnswer<Method extends CdpMethod> = ProtocolMapping.Commands[Method]['returnType'];

/** Name of an event, such as `Page.frameNavigated`. */
export type CdpEventName = keyof ProtocolMapping.Events;

/** What an event carries. */
export type CdpEvent<Name extends CdpEventName> = ProtocolMapping.Events[Name][0];

/** An error that Chromium answered a command with. It names the command, never its parameters. */
export class CdpError extends Error {
  readonly method: string;
  readonly protocolMessage: string;

  constructor(method: string, protocolMessage: string) {
    super(`${method}: ${protocolMessage}`);
    this.name = 'CdpError';
    this.method = method;
    this.protocolMessage = protocolMessage;
  }
}
