import { isPlainHttpToNetwork } from '../../agent/config/hub-url.ts';
import type { LoadedConfig } from '../../agent/config/load-config.ts';
import { EnrolmentTokenError } from '../../agent/server/enrol.ts';
import { HubCallError } from '../../agent/server/hub-call-error.ts';
import { UserInterfaceError } from '../../user-interface/user-interface-error.ts';
import { enrolHere } from '../enrol-here.ts';
import { hubCallFailure } from '../hub-call.ts';
import { dropIdentity, fixedIdentity } from '../own-identity.ts';
import type { KeeperOptions } from './keeper-options.ts';

/**
 * Exchanges a token for a worker and keeps its secret.
 * @throws UserInterfaceError that says why it was not done
 */
export async function joinHub(
  offer: { hubUrl: string; token: string },
  loaded: LoadedConfig,
  options: KeeperOptions,
): Promise<void> {
  const { config, sources } = loaded;
  requireOwnIdentity(loaded, offer.hubUrl);
  if (isPlainHttpToNetwork(offer.hubUrl) && !config.allowPlainHttp) {
    throw new UserInterfaceError(
      'plain_http',
      'This address begins with http:, so that anyone on the way could read the work. Ask for one with https:, or ' +
        'allow it with the setting allowPlainHttp.',
    );
  }
  try {
    await enrolHere({ ...offer, label: config.label, secrets: options.secrets });
  } catch (error) {
    if (error instanceof EnrolmentTokenError) throw new UserInterfaceError('wrong_token', error.message);
    if (!(error instanceof HubCallError)) throw error;
    const code = error.failure === 'unreachable' ? 'hub_unreachable' : 'hub_refused';
    throw new UserInterfaceError(code, hubCallFailure(error, offer.hubUrl).message, { cause: error });
  }
  await dropIdentity(sources, options.configFile);
}

/**
 * Whether what enrolment gives would count: the command line and the environment win over it.
 * @param hubUrl the hub to join; null to leave the present one
 * @throws UserInterfaceError `hub_fixed`
 */
export function requireOwnIdentity({ config, sources }: LoadedConfig, hubUrl: string | null): void {
  const fixed = fixedIdentity(sources).find((key) => key !== 'hubUrl' || config.hubUrl !== hubUrl);
  if (fixed === undefined) return;
  throw new UserInterfaceError(
    'hub_fixed',
    `The server is set by ${sources[fixed].place} where Legwork is started; change it there.`,
  );
}
