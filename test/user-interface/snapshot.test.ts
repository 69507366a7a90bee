import { describe, expect, it } from 'vitest';
import { contract } from '../../preload/contract.ts';
import type { AgentSnapshot } from '../../main/agent/agent-events.ts';
import { buildSnapshot } from '../../main/user-interface/snapshot/build-snapshot.ts';
import type { SnapshotInputs } from '../../main/user-interface/snapshot/snapshot-inputs.ts';

const AGENT: AgentSnapshot = {
  activity: 'idle',
  link: { state: 'connected' },
  hubUrl: 'https://hub.example',
  workerId: 'worker',
  instanceId: 'instance',
  epoch: 1,
  sandbox: true,
  problems: [],
  health: { disk: null, store: null, isBrowserMissing: false, clockOffsetMs: 0 },
  running: [],
  pendingTasks: 0,
  undeliveredResults: 0,
  pausedBy: [],
  pausedUntilMs: null,
  pauseNote: null,
  limits: { mayWork: true, reasons: [], unknown: [] },
  concurrency: { now: 2, max: 4, reason: null },
  usage: {
    year: 2026,
    month: 11,
    totals: { tasks: 0, browserTimeMs: 0, bytesDown: 0, bytesUp: 0 },
    quota: { tasks: null, browserTimeMs: null, bytes: null },
    resetsAtMs: 0,
  },
};

const INPUTS: SnapshotInputs = {
  atMs: 1_760_000_000_000,
  version: '1.0.0',
  platform: 'linux',
  isFirstRun: false,
  phase: 'running',
  failure: null,
  stoppingReason: null,
  agent: AGENT,
  hub: { url: 'https://hub.example', workerId: 'worker' },
  hasIncompleteHub: false,
  takesWork: true,
  lastContactAtMs: 1_760_000_000_000,
  lanes: { website_html: 'page', lighthouse_html: 'exclusive' },
  round: { ended: 0 },
  next: [],
  recent: [],
  today: { completed: 0, failed: 0, bytesDown: 0, bytesUp: 0, browserMs: 0 },
  freeDiskBytes: 10e9,
  minimumFreeDiskBytes: 500e6,
  browsers: [{ kind: 'chromium', version: '1.2.3.4', path: '/chromium' }],
  shell: {
    kind: 'desktop',
    secretStore: 'strong',
    startAtLogin: true,
    browserDownload: null,
    newerBrowserVersion: null,
    update: { state: 'unknown' },
  },
};

const build = (inputs: Partial<SnapshotInputs> = {}, agent: Partial<AgentSnapshot> = {}) => {
  const snapshot = buildSnapshot({ ...INPUTS, agent: { ...AGENT, ...agent }, ...inputs });
  contract.calls.snapshot.answer.parse({ sequence: 1, atMs: 1, ...snapshot });
  return snapshot;
};
const task = (type: string, url: string) => ({
  taskId: 'task',
  attemptId: 'task.1',
  attemptNumber: 1,
  type,
  url,
  startedAtMs: 1,
  progress: { percent: 10, stage: 'loading' },
});
const audit = task('lighthouse_html', 'https://example.org/a?b');
const failure = (code: string, retryAtMs: number | null = null) => ({
  agent: null,
  phase: 'failed' as const,
  failure: { code, sentence: 'A sentence.', retryAtMs },
});

describe('the line that says what it does', () => {
  it.each([
    ['Connected, waiting for work', build()],
    ['Ready for your own tasks', build({ hub: null })],
    ['Takes no work: that is switched off', build({ takesWork: false })],
    ['Connecting', build({}, { link: { state: 'connecting' } })],
    ['The server does not answer; trying again', build({}, { link: { state: 'offline', reason: 'x' } })],
    ['Auditing example.org', build({}, { activity: 'working', running: [audit] })],
    [
      'Auditing example.org, 3 of 12',
      build({ round: { ended: 2 } }, { activity: 'working', running: [audit], pendingTasks: 9 }),
    ],
    [
      'Rendering a.example and 1 more, 1 of 5',
      build({}, { activity: 'working', running: [task('website_html', 'https://a.example/'), audit], pendingTasks: 3 }),
    ],
    ['Working on a.example', build({}, { activity: 'working', running: [task('other', 'https://a.example/')] })],
    ['Paused', build({}, { activity: 'paused', pausedBy: ['host'] })],
    [
      'Paused by the operator; 1 task still running',
      build({}, { activity: 'paused', pausedBy: ['operator'], running: [audit] }),
    ],
    [
      'It is not yet 18:00.',
      build(
        {},
        { limits: { mayWork: false, reasons: [{ rule: 'hours', sentence: 'It is not yet 18:00.' }], unknown: [] } },
      ),
    ],
    ['Stopping: 1 task to finish', build({ phase: 'stopping' }, { activity: 'draining', running: [audit] })],
    ['Restarting', build({ phase: 'restarting' })],
    ['Starting', build({ phase: 'starting', agent: null })],
    ['Stopped unexpectedly; starting again', build(failure('crashed', 5))],
    ['The data is from a newer Legwork', build(failure('newer_database'))],
    ['No browser was found', build({ browsers: [] }, { health: { ...AGENT.health, isBrowserMissing: true } })],
  ])('%s', (line, snapshot) => {
    expect(snapshot.statusLine).toBe(line);
  });

  it('says until when it is paused', () => {
    const atMs = new Date(2026, 10, 22, 7, 25).getTime();
    const lineUntil = (...moment: [number, number, number, number, number]): string =>
      build({ atMs }, { activity: 'paused', pausedBy: ['host'], pausedUntilMs: new Date(...moment).getTime() })
        .statusLine;
    expect(lineUntil(2026, 10, 22, 18, 5)).toBe('Paused until 18:05');
    // A time alone would be taken for one of today.
    expect(lineUntil(2026, 10, 23, 8, 0)).toBe('Paused until tomorrow 08:00');
    expect(lineUntil(2026, 11, 1, 8, 0)).toBe('Paused until 1 December 08:00');
  });
});

describe('what is wrong, in words', () => {
  it.each([
    ['hub_unreachable', 'notice', 'offline', build({}, { link: { state: 'offline', reason: 'no answer' } })],
    ['hub_unaccepted', 'attention', 'attention', build({}, { link: { state: 'unaccepted', reason: 'bad signature' } })],
    ['hub_revoked', 'attention', 'attention', build({}, { link: { state: 'revoked', reason: 'x' } })],
    ['hub_superseded', 'attention', 'attention', build({}, { link: { state: 'superseded', reason: 'x' } })],
    ['agent_too_old', 'attention', 'attention', build({}, { link: { state: 'too_old', reason: 'x' } })],
    ['hub_incomplete', 'attention', 'attention', build({ hub: null, hasIncompleteHub: true })],
    ['takes_no_work', 'notice', 'idle', build({ takesWork: false })],
    ['disk_full', 'attention', 'attention', build({}, { health: { ...AGENT.health, disk: 'The disk is full.' } })],
    ['store_failed', 'attention', 'attention', build({}, { health: { ...AGENT.health, store: 'It was refused.' } })],
    ['disk_low', 'notice', 'idle', build({ freeDiskBytes: 900e6 })],
    [
      'browser_missing',
      'attention',
      'attention',
      build({ browsers: [] }, { health: { ...AGENT.health, isBrowserMissing: true } }),
    ],
    ['clock_off', 'notice', 'idle', build({}, { health: { ...AGENT.health, clockOffsetMs: -3_600_000 } })],
    ['no_sandbox', 'notice', 'idle', build({}, { sandbox: false })],
    ['weak_secret_store', 'notice', 'idle', build({ shell: { ...INPUTS.shell, secretStore: 'weak' } })],
    ['agent_crashed', 'attention', 'attention', build(failure('crashed', 5))],
    ['database_newer', 'attention', 'attention', build(failure('newer_database'))],
    ['database_damaged', 'attention', 'attention', build(failure('damaged_database'))],
    ['already_running', 'attention', 'attention', build(failure('locked', 5))],
    ['no_sandbox', 'attention', 'attention', build(failure('no_sandbox'))],
    ['secret_store', 'attention', 'attention', build(failure('secret_store', 5))],
    ['configuration', 'attention', 'attention', build(failure('configuration'))],
    ['something_new', 'attention', 'attention', build(failure('something_new'))],
    ['stopped_by_operator', 'notice', 'paused', build({ phase: 'stopped', agent: null })],
  ])('%s (%s)', (code, severity, tray, snapshot) => {
    expect(snapshot.problems).toMatchObject([{ code, severity, advice: expect.stringMatching(/\w/) }]);
    expect(snapshot.tray).toBe(tray);
    const [problem] = snapshot.problems;
    expect(problem?.sentence).toMatch(/[.!]$/);
    expect(problem?.title).not.toMatch(/[.!]$/);
  });

  it('names the worst first, and is silent about a browser that is being fetched', () => {
    const both = build(
      { shell: { ...INPUTS.shell, secretStore: 'weak' } },
      { link: { state: 'revoked', reason: 'x' } },
    );
    expect(both.problems.map(({ severity }) => severity)).toEqual(['attention', 'notice']);
    const browserDownload = { state: 'downloading' as const, version: '2', receivedBytes: 1, totalBytes: null };
    const fetching = build(
      { browsers: [], shell: { ...INPUTS.shell, browserDownload } },
      { health: { ...AGENT.health, isBrowserMissing: true } },
    );
    expect(fetching).toMatchObject({ problems: [], browser: browserDownload });
  });
});

describe('the tray', () => {
  it.each([
    ['idle', build()],
    ['working', build({}, { activity: 'working', running: [audit] })],
    ['working', build({}, { activity: 'working', running: [audit], link: { state: 'offline', reason: 'x' } })],
    ['paused', build({}, { activity: 'paused', pausedBy: ['host'], running: [audit] })],
    ['offline', build({}, { link: { state: 'offline', reason: 'x' } })],
    ['idle', build({ hub: null }, { link: { state: 'ended' } })],
  ])('shows %s', (state, snapshot) => {
    expect(snapshot.tray).toBe(state);
  });

  it('shows where a task runs alone', () => {
    expect(build({}, { activity: 'working', running: [audit] }).running).toMatchObject([
      { lane: 'exclusive', host: 'example.org' },
    ]);
  });
});
