import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AgentEvent } from '../../../main/agent/agent-events.ts';
import { HealthWatch, type WatchedAgent } from '../../../main/agent/control-api/health-watch.ts';
import { ManualClock } from '../../fakes/manual-clock.ts';

type Snapshot = ReturnType<WatchedAgent['snapshot']>;
type End = Extract<AgentEvent, { kind: 'finished' }>['outcome'];

const RUNNING_TASK: Snapshot['running'][number] = {
  taskId: 'task-1',
  attemptId: 'task-1.1',
  attemptNumber: 1,
  type: 'website_html',
  url: 'https://example.org/',
  startedAtMs: 0,
  progress: { percent: 0, stage: '' },
};

/** An agent whose state the test sets. */
class ScriptedAgent implements WatchedAgent {
  state: Snapshot = {
    activity: 'idle',
    hubUrl: 'https://hub.example',
    link: { state: 'connected' },
    limits: { mayWork: true, reasons: [], unknown: [] },
    health: { disk: null, store: null, isBrowserMissing: false, clockOffsetMs: 0 },
    running: [],
  };
  errorClass = 'infrastructure';
  dueAtMs: number | null = null;
  #listeners = new Set<(event: AgentEvent) => void>();

  readonly queue = {
    get: () => ({ error: { class: this.errorClass } }),
    nextRunAtMs: (lane: string) => (lane === 'page' ? this.dueAtMs : null),
  };

  snapshot(): Snapshot {
    return this.state;
  }

  subscribe(listener: (event: AgentEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  tell(event: AgentEvent): void {
    for (const listener of this.#listeners) listener(event);
  }

  link(link: Snapshot['link']): void {
    this.state = { ...this.state, link };
    this.tell({ kind: 'link', link });
  }

  finish(outcome: End): void {
    const { taskId, attemptId, type, url } = RUNNING_TASK;
    this.tell({ kind: 'finished', taskId, attemptId, type, url, outcome, durationMs: 1 });
  }
}

const MINUTE_MS = 60_000;
let clock: ManualClock;
let agent: ScriptedAgent;
let watch: HealthWatch;

beforeEach(() => {
  clock = new ManualClock();
  agent = new ScriptedAgent();
  watch = new HealthWatch(agent, clock);
});
afterEach(() => watch.stop());

const codes = (): string[] => watch.problems().map(({ code }) => code);

it('a hub is away since it first did not answer, however the connection is called meanwhile', async () => {
  await clock.advance(60 * MINUTE_MS);
  const sinceMs = clock.nowMs();
  agent.link({ state: 'offline', reason: 'connect ECONNREFUSED' });
  await clock.advance(3 * MINUTE_MS);
  agent.link({ state: 'connecting' });
  expect(codes()).toEqual([]);
  await clock.advance(3 * MINUTE_MS);
  agent.link({ state: 'offline', reason: 'read ECONNRESET' });
  expect(watch.problems()).toMatchObject([{ code: 'hub_unreachable', sinceMs }]);
  agent.link({ state: 'connected' });
  expect(codes()).toEqual([]);
  agent.link({ state: 'offline', reason: 'again' });
  await clock.advance(4 * MINUTE_MS);
  expect(codes()).toEqual([]);
});

it('without a hub none is missed', async () => {
  agent.state = { ...agent.state, hubUrl: null, link: { state: 'ended' } };
  await clock.advance(60 * MINUTE_MS);
  expect(codes()).toEqual([]);
});

it('attempts that fail on this machine count, those of pages and stops do not, and one success ends it', () => {
  for (let attempt = 0; attempt < 4; attempt += 1) agent.finish('retry');
  agent.finish('interrupted');
  agent.finish('ignored');
  expect(codes()).toEqual([]);
  agent.finish('failed');
  expect(codes()).toEqual(['browser_failing']);
  agent.errorClass = 'transient';
  agent.finish('failed');
  expect(codes()).toEqual([]);
  expect(watch.attemptEnds).toEqual({ completed: 0, failed: 2, retry: 4, interrupted: 1, ignored: 1 });
});

it('a queue is stuck when tasks are due and may start but do not', async () => {
  agent.dueAtMs = clock.nowMs() + MINUTE_MS;
  expect(codes()).toEqual([]);
  await clock.advance(2 * MINUTE_MS);
  expect(codes()).toEqual([]);
  await clock.advance(4 * MINUTE_MS);
  agent.tell({ kind: 'started', taskId: 'task-1', attemptId: 'task-1.1', type: 'x', url: '', attempt: 1 });
  expect(codes()).toEqual([]);
  await clock.advance(5 * MINUTE_MS);
  expect(codes()).toEqual(['queue_stuck']);
  for (const change of [
    { activity: 'paused' as const },
    { limits: { mayWork: false, reasons: [], unknown: [] } },
    { running: [RUNNING_TASK] },
  ]) {
    const before = agent.state;
    agent.state = { ...before, ...change };
    expect(codes()).toEqual([]);
    agent.state = before;
    expect(codes()).toEqual([]);
    await clock.advance(5 * MINUTE_MS);
    expect(codes()).toEqual(['queue_stuck']);
  }
});
