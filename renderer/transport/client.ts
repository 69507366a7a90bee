import {
  type CallAnswer,
  type CallArgument,
  type CallName,
  callOutcome,
  contract,
  type EventData,
  type EventName,
} from '../../preload/contract.ts';
import type { Transport } from './transport.ts';

/** Why a call was not carried out, in words for people. */
export class CallError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = 'CallError';
    this.code = code;
  }
}

/** The contract over a transport: what is sent has its types, what comes back is checked. */
export class Client {
  readonly transport: Transport;

  constructor(transport: Transport) {
    this.transport = transport;
  }

  /** @throws CallError */
  async call<Name extends CallName>(name: Name, argument: CallArgument<Name>): Promise<CallAnswer<Name>> {
    const outcome = callOutcome.safeParse(await this.transport.call(name, argument));
    if (!outcome.success) throw new CallError('bad_answer', 'Legwork answered in a way that its window does not know.');
    if ('failure' in outcome.data) throw new CallError(outcome.data.failure.code, outcome.data.failure.message);
    const answer = contract.calls[name].answer.safeParse(outcome.data.answer);
    if (!answer.success) {
      console.error(`The answer to ${name} does not fit the contract:`, answer.error.message);
      throw new CallError('bad_answer', 'Legwork answered in a way that its window does not know.');
    }
    return answer.data as CallAnswer<Name>;
  }

  /** Calls the listener for one kind of event. @returns the function that ends the subscription */
  on<Name extends EventName>(name: Name, listener: (data: EventData<Name>) => void): () => void {
    return this.transport.subscribe((eventName, data) => {
      if (eventName !== name) return;
      const parsed = contract.events[name].safeParse(data);
      if (parsed.success) listener(parsed.data as EventData<Name>);
      else console.error(`The event ${name} does not fit the contract:`, parsed.error.message);
    });
  }
}
