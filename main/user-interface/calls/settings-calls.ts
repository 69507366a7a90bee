import type { CallHandlers } from '../../../preload/contract.ts';
import { inspectEnrolment } from '../enrolment/inspect-enrolment.ts';
import { cleanNow, storageFigures } from '../storage.ts';
import { type CallContext, requireAgent } from './call-context.ts';
import { monthsOfUsage } from './months-of-usage.ts';

type SettingsCalls = Pick<
  CallHandlers,
  | 'settings'
  | 'changeSettings'
  | 'usage'
  | 'storage'
  | 'cleanNow'
  | 'inspectEnrolment'
  | 'enrol'
  | 'leaveHub'
  | 'finishFirstRun'
>;

/** Calls about settings, the server, and what is stored. */
export function settingsCalls(context: CallContext): SettingsCalls {
  const { keeper, history } = context;
  return {
    settings: () => keeper.describeSettings(),
    changeSettings: ({ values }) => keeper.changeSettings(values),
    usage: () => monthsOfUsage(requireAgent(context)),
    storage: () => storageFigures(keeper),
    cleanNow: () => cleanNow(requireAgent(context), keeper.settings.config, context.clock),

    inspectEnrolment: ({ hubUrlOrLink }) => inspectEnrolment(hubUrlOrLink, keeper.settings.credentials?.hubUrl ?? null),

    enrol: async (offer) => {
      await keeper.enrol(offer);
      return null;
    },

    leaveHub: async ({ wipe }) => {
      if (wipe) await history.closedWhile(() => keeper.leaveHub(true));
      else await keeper.leaveHub(false);
      context.feed.changed();
      return null;
    },

    finishFirstRun: async () => {
      await keeper.finishFirstRun();
      return null;
    },
  };
}
