import { LoaderCircle } from 'lucide-react';
import { useEffect } from 'react';
import { Field, Input } from '../components/field.tsx';
import styles from './connect-fields.module.css';
import { OfferCard } from './offer-card.tsx';
import { useOffer } from './use-offer.ts';

/** What the person typed to connect to a server. */
export interface ConnectText {
  address: string;
  token: string;
}

/** What is complete enough to connect with. */
export interface Connection {
  hubUrl: string;
  host: string;
  token: string;
}

interface ConnectFieldsProps {
  text: ConnectText;
  onChange: (text: ConnectText, connection: Connection | null) => void;
}

/** A server's address and its token, or one link that holds both; then what that server will be able to do. */
export function ConnectFields({ text, onChange }: ConnectFieldsProps) {
  const { offer, error, isAsking } = useOffer(text.address);
  const linkToken = offer?.token ?? null;
  const token = linkToken ?? text.token.trim();
  const change = (next: ConnectText) => onChange(next, null);
  const connection = offer === null || token === '' ? null : { hubUrl: offer.hubUrl, host: offer.host, token };
  return (
    <div className={styles.fields}>
      <Field
        label="Address or link"
        error={error}
        hint="The address of your server, or the link that its operator sent you."
      >
        {(control) => (
          <Input
            {...control}
            value={text.address}
            placeholder="hub.example.org"
            maxLength={4_000}
            onChange={(event) => change({ ...text, address: event.target.value })}
          />
        )}
      </Field>
      {linkToken === null ? (
        <Field label="Token" hint="Used once, to make this machine known to the server.">
          {(control) => (
            <Input
              {...control}
              type="password"
              value={text.token}
              maxLength={1_000}
              onChange={(event) => change({ ...text, token: event.target.value })}
            />
          )}
        </Field>
      ) : (
        <p className={styles.note}>The link holds the token as well.</p>
      )}
      <div role="status">
        {isAsking && (
          <p className={styles.note}>
            <LoaderCircle className={styles.spinner} aria-hidden /> Looking at the address…
          </p>
        )}
        {offer !== null && <OfferCard offer={offer} />}
      </div>
      <Report connection={connection} text={text} onChange={onChange} />
    </div>
  );
}

/** Tells the form around it what can be connected with, whenever that changes. */
function Report({ connection, text, onChange }: ConnectFieldsProps & { connection: Connection | null }) {
  const key = JSON.stringify(connection);
  useEffect(() => {
    onChange(text, connection);
    // The connection is compared by its value, and the text goes with it.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [key, text.address, text.token]);
  return null;
}
