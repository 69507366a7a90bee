import { useLayoutEffect, useState } from 'react';
import type { EventData } from '../../preload/contract.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { useToast } from '../components/toast.tsx';
import { useOfferInbox } from '../state/legwork-context.tsx';
import { useAction } from '../state/reads.ts';
import { OfferCard } from './offer-card.tsx';

/** Asks when a link wants this machine to work for a server. Nothing happens before the person agrees. */
export function EnrolmentDialog() {
  const offers = useOfferInbox();
  const showToast = useToast();
  const [offer, setOffer] = useState<EventData<'enrolmentOffered'> | null>(null);
  useLayoutEffect(() => offers.listen(setOffer), [offers]);
  const enrol = useAction('enrol', {
    onSuccess: (_answer, { hubUrl }) => {
      showToast({ title: `Connected to ${new URL(hubUrl).host}.` });
      // Another link may have been followed meanwhile; it is still to be answered.
      setOffer((present) => (present?.hubUrl === hubUrl ? null : present));
    },
  });
  return (
    <Dialog
      isOpen={offer !== null}
      onClose={() => setOffer(null)}
      title={`Work for ${offer?.host ?? ''}?`}
      description="You followed a link that connects this machine to a server."
      actions={
        <>
          <Button onClick={() => setOffer(null)}>Do not connect</Button>
          <Button
            look="primary"
            isBusy={enrol.isPending}
            onClick={() => offer !== null && enrol.mutate({ hubUrl: offer.hubUrl, token: offer.token })}
          >
            Connect
          </Button>
        </>
      }
    >
      {offer !== null && <OfferCard offer={offer} />}
    </Dialog>
  );
}
