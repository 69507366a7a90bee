import type { Problem } from '../../../preload/contract.ts';
import type { LinkState } from '../../agent/server/hub-link.ts';
import { assertNever } from '../../protocol/assert-never.ts';
import { ERROR_TABLE } from '../../protocol/error-table.ts';
import type { SnapshotInputs } from './snapshot-inputs.ts';

/** A clock that is off by more than this is worth a word, although the hub's time is used. */
const NOTABLE_CLOCK_OFFSET_MS = 60_000;
/** Free space below this many times the limit is worth a word before work stops. */
const LOW_DISK_FACTOR = 2;

function problem(
  severity: Problem['severity'],
  code: string,
  title: string,
  sentence: string,
  advice: string | null,
): Problem {
  return { code, title, sentence, advice, severity };
}

/** What keeps the agent from working as it should, the most serious first. Pure. */
export function findProblems(inputs: SnapshotInputs): Problem[] {
  const found = [
    ofFailure(inputs),
    inputs.agent === null ? null : ofLink(inputs.agent.link, inputs.hub?.url ?? ''),
    ofIncompleteHub(inputs),
    ofSwitch(inputs),
    ofStore(inputs),
    ofBrowser(inputs),
    ofClock(inputs),
    ofStop(inputs),
    ofSandbox(inputs),
    ofSecrets(inputs),
  ].filter((one) => one !== null);
  return found.sort((a, b) => rank(a) - rank(b));
}

function rank({ severity }: Problem): number {
  return severity === 'attention' ? 0 : 1;
}

function ofFailure({ failure }: SnapshotInputs): Problem | null {
  if (failure === null) return null;
  const { code, sentence } = failure;
  switch (code) {
    case 'crashed':
      return problem(
        'attention',
        'agent_crashed',
        'Legwork stopped unexpectedly',
        `${sentence} No result is lost${failure.retryAtMs === null ? '.' : ', and it is started again by itself.'}`,
        'If it happens again, save the diagnostics and report it.',
      );
    case 'newer_database':
      return problem(
        'attention',
        'database_newer',
        'The data is from a newer Legwork',
        sentence,
        'Update Legwork. Your data is untouched.',
      );
    case 'damaged_database':
    case 'foreign_database':
      return problem(
        'attention',
        'database_damaged',
        'The database cannot be read',
        sentence,
        'Move the file away to start with an empty one, or put a backup in its place.',
      );
    case 'locked':
      return problem(
        'attention',
        'already_running',
        'Another Legwork uses this data folder',
        sentence,
        'Stop the other one; this one then starts by itself.',
      );
    case 'no_sandbox':
      return problem(
        'attention',
        'no_sandbox',
        'Chromium has no sandbox here',
        sentence,
        'Make the sandbox available, or switch on “allowNoSandbox” in Settings if you accept the risk.',
      );
    case 'disk_full':
      return problem('attention', 'disk_full', 'The disk is full', sentence, 'Free some disk space.');
    case 'secret_store':
      return problem(
        'attention',
        'secret_store',
        'Stored secrets cannot be read',
        sentence,
        'Unlock the key ring of this system, or connect to your server again.',
      );
    case 'configuration':
      return problem(
        'attention',
        'configuration',
        'A setting is wrong',
        sentence,
        'Correct it and start Legwork again.',
      );
    default:
      return problem(
        'attention',
        code,
        'Legwork could not start',
        sentence,
        'Save the diagnostics; they say more about what happened.',
      );
  }
}

function ofLink(link: LinkState, hubUrl: string): Problem | null {
  switch (link.state) {
    case 'connecting':
    case 'connected':
    case 'ended':
      return null;
    case 'offline':
      return problem(
        'notice',
        'hub_unreachable',
        'The server does not answer',
        `${hubUrl} cannot be reached (${link.reason}). Finished results are kept until it can.`,
        'Check this machine’s network. Legwork keeps trying by itself.',
      );
    case 'unaccepted':
      return problem(
        'attention',
        'hub_unaccepted',
        'The server does not accept this machine',
        `${hubUrl} and this machine do not agree on the secret (${link.reason}).`,
        'Check the address, or ask the operator for a new token and connect again.',
      );
    case 'revoked':
      return problem(
        'attention',
        'hub_revoked',
        'The operator has removed this machine',
        `${hubUrl} does not give work to this machine any more.`,
        'If that was not meant, ask the operator for a new token and connect again.',
      );
    case 'superseded':
      return problem(
        'attention',
        'hub_superseded',
        'Another start of this agent has taken over',
        'A Legwork with the same identity works for the server now, perhaps one with a copy of this data folder.',
        'Stop one of the two, then start this one again.',
      );
    case 'too_old':
      return problem(
        'attention',
        'agent_too_old',
        'The server wants a newer Legwork',
        `${hubUrl} does not work with this version (${link.reason}).`,
        'Update Legwork.',
      );
    default:
      return assertNever(link, 'state of the link');
  }
}

function ofIncompleteHub({ hasIncompleteHub, agent }: SnapshotInputs): Problem | null {
  if (!hasIncompleteHub || agent === null) return null;
  return problem(
    'attention',
    'hub_incomplete',
    'Not connected to the server yet',
    'A server is configured, but not the name and the secret of this machine there. Only your own tasks are done.',
    'Connect with the token that the operator gives you.',
  );
}

function ofSwitch({ takesWork, agent }: SnapshotInputs): Problem | null {
  if (takesWork || agent === null) return null;
  return problem(
    'notice',
    'takes_no_work',
    'No task is executed here',
    'That is switched off in the settings; only finished results are delivered.',
    'Switch on “taskProcessorEnabled” in Settings, or remove ENABLE_TASK_PROCESSOR where Legwork is started.',
  );
}

function ofStore({ agent, freeDiskBytes, minimumFreeDiskBytes }: SnapshotInputs): Problem | null {
  const { disk = null, store = null } = agent?.health ?? {};
  if (disk !== null) {
    return problem('attention', 'disk_full', 'The disk is full', disk, ERROR_TABLE.disk_full.advice);
  }
  if (store !== null) {
    return problem(
      'attention',
      'store_failed',
      'Results cannot be written',
      store,
      'Check the disk and the rights of the data folder; work goes on by itself.',
    );
  }
  if (freeDiskBytes !== null && freeDiskBytes < minimumFreeDiskBytes * LOW_DISK_FACTOR) {
    const megabytes = Math.round(freeDiskBytes / 1_000_000).toLocaleString('en');
    return problem(
      'notice',
      'disk_low',
      'The disk is nearly full',
      `${megabytes} MB are free. Legwork stops working before the disk is full.`,
      'Free some disk space soon.',
    );
  }
  return null;
}

function ofBrowser({ agent, failure, shell }: SnapshotInputs): Problem | null {
  const isMissing = agent?.health.isBrowserMissing === true || failure?.code === 'browser_missing';
  if (!isMissing || shell.browserDownload?.state === 'downloading') return null;
  const advice =
    shell.kind === 'desktop'
      ? 'Choose an installed browser or download one in Settings.'
      : 'Run `legwork doctor`: it names the command that gets one.';
  const sentence = 'Without a Chromium, Chrome or Edge no task can be done.';
  return problem('attention', 'browser_missing', 'No browser was found', sentence, advice);
}

function ofClock({ agent }: SnapshotInputs): Problem | null {
  const offsetMs = agent?.health.clockOffsetMs ?? 0;
  if (Math.abs(offsetMs) < NOTABLE_CLOCK_OFFSET_MS) return null;
  const minutes = Math.round(Math.abs(offsetMs) / 60_000);
  return problem(
    'notice',
    'clock_off',
    'The clock of this machine is wrong',
    `It is ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${offsetMs > 0 ? 'behind' : 'ahead of'} the server’s, ` +
      'whose time is used meanwhile.',
    'Switch on the synchronisation of the clock in the system’s settings.',
  );
}

function ofStop({ phase, failure }: SnapshotInputs): Problem | null {
  if (phase !== 'stopped' || failure !== null) return null;
  return problem(
    'notice',
    'stopped_by_operator',
    'The operator has stopped this agent',
    'It was asked to finish its work and end.',
    'Resume starts it again.',
  );
}

function ofSandbox({ agent }: SnapshotInputs): Problem | null {
  if (agent === null || agent.sandbox) return null;
  return problem(
    'notice',
    'no_sandbox',
    'Chromium runs without its sandbox',
    'A page that breaks out of Chromium would have the rights of this user. You have allowed that.',
    'Make the sandbox available and switch “allowNoSandbox” off.',
  );
}

function ofSecrets({ shell }: SnapshotInputs): Problem | null {
  if (shell.secretStore !== 'weak') return null;
  return problem(
    'notice',
    'weak_secret_store',
    'The secret is weakly protected',
    'This system has no key ring, so that other programs of this user could read the secret of your server.',
    'Install a key ring such as GNOME Keyring or KWallet.',
  );
}
