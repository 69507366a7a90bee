import { z } from 'zod';
import { jsonObject, unixMs } from '../main/protocol/fields.ts';
import {
  activityBucket,
  historyFilter,
  historyPage,
  scoredPage,
  scorePoint,
  taskDetail,
  taskTypeDescription,
} from './contract/history.ts';
import {
  changeSettingsAnswer,
  enrolmentOffer,
  logLine,
  monthOfUsage,
  settingDescription,
  storageFigures,
} from './contract/settings.ts';
import { uiSnapshot } from './contract/snapshot.ts';

export * from './contract/channels.ts';
export * from './contract/history.ts';
export * from './contract/settings.ts';
export * from './contract/snapshot.ts';

const nothing = z.null();
const taskId = z.object({ taskId: z.string().max(100) });
const done = z.object({ done: z.boolean() });

/** A file that was made for the person. `download`: a path of this origin that gives it once; a web page has no disk. */
const savedFile = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('saved'), path: z.string() }),
  z.object({ kind: z.literal('download'), path: z.string() }),
  z.object({ kind: z.literal('cancelled') }),
]);

function call<Argument extends z.ZodType, Answer extends z.ZodType>(argument: Argument, answer: Answer) {
  return { argument, answer };
}

/**
 * Everything that a user interface may ask for and is told. Both sides of both transports (Electron's IPC, a WebSocket
 * on loopback) are derived from it; every argument is parsed where it arrives.
 */
export const contract = {
  calls: {
    /** The state now; from then on the event `snapshot` tells of changes. */
    snapshot: call(nothing, uiSnapshot),

    /** `untilMs` null: until the person resumes. */
    pause: call(z.object({ untilMs: unixMs.nullable() }), nothing),
    resume: call(nothing, nothing),
    /** Interrupts everything that runs, gives it back and pauses. */
    stopAllNow: call(nothing, nothing),
    /** Ends the program: `drain` waits for what runs. Also while a drain is under way, to cut it short. */
    quit: call(z.object({ how: z.enum(['drain', 'now']) }), nothing),

    taskTypes: call(nothing, z.array(taskTypeDescription)),
    enqueue: call(
      z.object({ type: z.string().max(64), payload: jsonObject, priority: z.number().int().min(1).max(10).default(5) }),
      taskId,
    ),
    cancelTask: call(taskId, done),
    /** The same task once more, after it has failed or was cancelled. */
    retryTask: call(taskId, done),
    /** A new task of this machine with the payload of another. */
    runAgain: call(taskId, taskId),
    /** null: there is no such task (any more). */
    task: call(taskId, taskDetail.nullable()),
    openArtefactFolder: call(z.object({ attemptId: z.string().max(120) }), done),

    history: call(
      z.object({
        filter: historyFilter,
        offset: z.number().int().nonnegative(),
        limit: z.number().int().min(1).max(200),
      }),
      historyPage,
    ),
    /** Host names and types that History can be filtered by. */
    historyFacets: call(nothing, z.object({ types: z.array(z.string()), hosts: z.array(z.string()) })),
    exportHistory: call(z.object({ format: z.enum(['csv', 'json']), filter: historyFilter }), savedFile),
    /** The last 24 hours, an hour each, oldest first. */
    activityChart: call(nothing, z.array(activityBucket)),

    scoredPages: call(z.object({ text: z.string().max(500) }), z.array(scoredPage)),
    scores: call(z.object({ url: z.string(), formFactor: z.string() }), z.array(scorePoint)),

    settings: call(nothing, z.array(settingDescription)),
    changeSettings: call(z.object({ values: z.record(z.string(), z.unknown()) }), changeSettingsAnswer),
    usage: call(nothing, z.array(monthOfUsage)),
    storage: call(nothing, storageFigures),
    cleanNow: call(nothing, z.object({ deletedTasks: z.number().int(), freedBytes: z.number() })),

    /** What enrolling would mean. Takes a server's address, or a whole `legwork://enrol` link. */
    inspectEnrolment: call(
      z.object({ hubUrlOrLink: z.string().max(4_000) }),
      enrolmentOffer.and(z.object({ token: z.string().nullable() })),
    ),
    enrol: call(z.object({ hubUrl: z.string().max(2_000), token: z.string().max(1_000) }), nothing),
    /** Says goodbye, gives everything back and forgets the secret; `wipe` deletes tasks and results as well. */
    leaveHub: call(z.object({ wipe: z.boolean() }), nothing),
    finishFirstRun: call(nothing, nothing),

    setStartAtLogin: call(z.object({ enabled: z.boolean() }), z.object({ enabled: z.boolean() })),
    /** `agreed` are the installed browsers that the person lets Legwork use. */
    findBrowsers: call(
      nothing,
      z.array(z.object({ name: z.string(), version: z.string(), path: z.string(), inUse: z.boolean() })),
    ),
    useBrowser: call(z.object({ path: z.string().max(4_000) }), nothing),
    downloadBrowser: call(nothing, nothing),
    cancelBrowserDownload: call(nothing, nothing),
    checkForUpdate: call(nothing, nothing),
    downloadUpdate: call(nothing, nothing),
    installUpdate: call(nothing, nothing),

    /** The newest lines that are kept, oldest first. */
    logLines: call(z.object({ limit: z.number().int().min(1).max(2_000) }), z.array(logLine)),
    saveDiagnostics: call(nothing, savedFile),
    /** Only https, and after the person has agreed. */
    openExternal: call(z.object({ url: z.string().max(8_000) }), done),
  },
  events: {
    /** At most ten a second. */
    snapshot: uiSnapshot,
    /** Attempts have started or ended: lists that are shown are read again. */
    historyChanged: z.object({ taskIds: z.array(z.string()) }),
    logLines: z.array(logLine),
    /** A deep link was followed; the person is asked before anything happens. */
    enrolmentOffered: enrolmentOffer.and(z.object({ token: z.string() })),
    /** The shell wants a view to be shown, such as `/history` or `/settings`. */
    navigate: z.object({ path: z.string() }),
  },
} as const;

export type CallName = keyof typeof contract.calls;
export type EventName = keyof typeof contract.events;
/** What is given to a call, before defaults are filled in. */
export type CallArgument<Name extends CallName> = z.input<(typeof contract.calls)[Name]['argument']>;
/** What the answering side gets, with defaults. */
export type ParsedArgument<Name extends CallName> = z.output<(typeof contract.calls)[Name]['argument']>;
export type CallAnswer<Name extends CallName> = z.output<(typeof contract.calls)[Name]['answer']>;
export type EventData<Name extends EventName> = z.output<(typeof contract.events)[Name]>;

export const CALL_NAMES = Object.keys(contract.calls) as CallName[];
export const EVENT_NAMES = Object.keys(contract.events) as EventName[];

/** One function a call: what the answering side implements. */
export type CallHandlers = {
  [Name in CallName]: (argument: ParsedArgument<Name>) => Promise<CallAnswer<Name>> | CallAnswer<Name>;
};

/** Why a call was not carried out, for people. Neither a stack nor a secret crosses the border. */
export const callFailure = z.object({ code: z.string(), message: z.string() });
export type CallFailure = z.infer<typeof callFailure>;

/** What a call comes to on the wire. */
export const callOutcome = z.union([z.object({ answer: z.unknown() }), z.object({ failure: callFailure })]);
export type CallOutcome = z.infer<typeof callOutcome>;

/** What the preload script puts on `window.legwork`, and what the WebSocket transport offers as well. */
export interface Bridge {
  call(name: string, argument: unknown): Promise<CallOutcome>;
  /** @returns the function that ends the subscription */
  subscribe(listener: (name: string, data: unknown) => void): () => void;
}

/** Messages of the WebSocket transport, JSON. */
export const clientMessage = z.object({ id: z.number().int(), call: z.string(), argument: z.unknown() });
export const serverMessage = z.union([
  z.object({ id: z.number().int(), answer: z.unknown() }),
  z.object({ id: z.number().int(), failure: callFailure }),
  z.object({ event: z.string(), data: z.unknown() }),
]);

/** Where the WebSocket is opened, relative to the page, so that the random token of the page's URL is in its URL too. */
export const WEB_SOCKET_PATH = 'socket';

/** Where a part of a result is read, relative to the page: HTML comes without scripts and network, a report with its own. */
export function blobPath(sha256: string, as: 'file' | 'page' | 'report'): string {
  return `blob/${as}/${sha256}`;
}
