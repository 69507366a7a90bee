import { useMutation } from '@tanstack/react-query';
import { useLayoutEffect, useRef } from 'react';
import type { CallError } from '../../transport/client.ts';
import type { Connection, ConnectText } from '../../shell/connect-fields.tsx';
import { useClient, useOfferInbox } from '../../state/legwork-context.tsx';

/** What the person has chosen so far. */
export interface Choices {
  text: ConnectText;
  connection: Connection | null;
  isWithoutServer: boolean;
  /** Settings that were changed, by key. */
  settings: Record<string, unknown>;
  /** null: there is no such thing here. */
  startAtLogin: boolean | null;
  hasAgreed: boolean;
}

/** Carries out what was chosen: the limits before the server, so that no work comes that they would not allow. */
export function useStart(choices: Choices) {
  const client = useClient();
  const mutation = useMutation<void, CallError>({
    mutationFn: async () => {
      if (Object.keys(choices.settings).length > 0) {
        const answer = await client.call('changeSettings', { values: choices.settings });
        if (answer.kind === 'refused') throw new Error(answer.issues.map(({ sentence }) => sentence).join(' '));
      }
      if (choices.startAtLogin !== null) await client.call('setStartAtLogin', { enabled: choices.startAtLogin });
      if (!choices.isWithoutServer && choices.connection !== null) {
        const { hubUrl, token } = choices.connection;
        await client.call('enrol', { hubUrl, token });
      }
      await client.call('finishFirstRun', null);
    },
  });
  return { start: () => mutation.mutate(), isPending: mutation.isPending, error: mutation.error };
}

/** Takes over a link that was followed during the first run. */
export function useOffered(onOffered: (text: ConnectText) => void): void {
  const offers = useOfferInbox();
  const listener = useRef(onOffered);
  listener.current = onOffered;
  useLayoutEffect(() => offers.listen(({ hubUrl, token }) => listener.current({ address: hubUrl, token })), [offers]);
}
