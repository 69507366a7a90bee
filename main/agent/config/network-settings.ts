import { AllowList } from '../../protocol/network/allow-list.ts';
import { BlockedHosts } from '../../protocol/network/blocked-hosts.ts';
import { parseUpstreamProxy, UPSTREAM_PROXY_FORMS } from '../../protocol/network/upstream-proxy.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { z } from 'zod';
import { optionalText, textList } from './setting.ts';

/** What pages may reach from this machine. All of it is the host's: no hub and no payload changes it. */
export const networkSettings = {
  allowedPrivateHosts: textList(
    {
      description:
        'Hosts and ranges that pages may reach although they are not public: an intranet, a staging host. ' +
        'Everything else on this machine and in the networks around it is refused.',
      environment: 'LEGWORK_ALLOWED_PRIVATE_HOSTS',
      flag: '--allowed-private-hosts',
    },
    (text) => new AllowList([text]),
    'a comma-separated list such as intranet.example, *.staging.example:8081, 10.1.0.0/16, [fd00::5], *:3000',
  ),
  blockedHosts: textList(
    {
      description: 'Domains that this machine never visits, with everything below them.',
      environment: 'LEGWORK_BLOCKED_HOSTS',
      flag: '--blocked-hosts',
    },
    (text) => new BlockedHosts([text]),
    'a comma-separated list such as example.org, bücher.example',
  ),
  upstreamProxy: optionalText(
    {
      description:
        'The proxy through which pages get out, for networks that demand one. Names are looked up and checked on this ' +
        'machine before. Not on the command line, since it may hold a password.',
      environment: 'LEGWORK_UPSTREAM_PROXY',
      flag: null,
    },
    z.string().superRefine((text, context) => {
      try {
        parseUpstreamProxy(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: describeError(error) });
      }
    }),
    UPSTREAM_PROXY_FORMS,
  ),
};
