import { Check, KeyRound, LockOpen, ServerCog } from 'lucide-react';
import type { EnrolmentOffer } from '../../preload/contract.ts';
import { plainText } from '../format/plain-text.ts';
import { useSnapshot } from '../state/legwork-context.tsx';
import styles from './offer-card.module.css';

/** Which server it is and what it will be able to do, before the person agrees. */
export function OfferCard({ offer }: { offer: EnrolmentOffer }) {
  const hasKeyRing = useSnapshot(({ secretStore }) => secretStore === 'strong');
  return (
    <div className={styles.card}>
      <p className={styles.server}>
        <ServerCog aria-hidden />
        <bdi className="selectable">{plainText(offer.hubUrl)}</bdi>
      </p>
      {!offer.isEncrypted && (
        <p className={styles.warning}>
          <LockOpen aria-hidden />
          The connection is not encrypted: anyone on the way can read the work and its results.
        </p>
      )}
      {!hasKeyRing && (
        <p className={styles.warning}>
          <KeyRound aria-hidden />
          There is no key ring here: the secret for this server is kept in a file that programs of your user can read.
        </p>
      )}
      {offer.replaces !== null && (
        <p className={styles.note}>
          It takes the place of <bdi>{plainText(offer.replaces)}</bdi>, which this machine leaves.
        </p>
      )}
      <p className={styles.lead}>It will be able to:</p>
      <ul className={styles.abilities}>
        {offer.abilities.map((ability) => (
          <li key={ability}>
            <Check aria-hidden />
            <span>{plainText(ability)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
