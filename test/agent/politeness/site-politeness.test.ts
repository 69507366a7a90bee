import { describe, expect, it } from 'vitest';
import { SET_ASIDE_AT_ONCE } from '../../../main/agent/queue/site-turns.ts';
import { leasedTask, localTask, taskErrorOf } from '../queue/queue-fixture.ts';
import { first, Line, many } from './line.ts';

describe('tasks of one site', () => {
  it('start two at a time, whoever stands in front, and the others in their order', () => {
    const line = new Line();
    for (const url of many(4, 'busy.example')) line.add(url);
    line.add('https://other.example/');
    const started = line.claim();
    expect(started.map(({ task }) => task.url)).toEqual([
      'https://busy.example/0',
      'https://busy.example/1',
      'https://other.example/',
    ]);
    expect(line.urls()).toEqual([]);
    line.add('https://busy.example/urgent', { priority: 1 });
    line.end(first(started));
    expect(line.urls()).toEqual(['https://busy.example/urgent']);
    expect(line.store.queue.pendingCounts().page).toBe(2);
  });

  it('come back from aside in the order of priority and time, also against other sites', () => {
    const line = new Line({ concurrency: 1 });
    for (const url of many(2, 'a.example')) line.add(url);
    line.add('https://a.example/urgent', { priority: 2 });
    const running = first(line.claim(1));
    expect(running.task.url).toBe('https://a.example/urgent');
    expect(line.urls(5)).toEqual([]);
    line.store.clock.advance(10);
    line.add('https://b.example/later');
    line.end(running);
    expect(line.urls(1)).toEqual(['https://a.example/0']);
  });

  it('start no sooner after each other than the interval, and others meanwhile', () => {
    const line = new Line({ intervalMs: 1_000 });
    for (const url of many(3, 'a.example')) line.add(url);
    line.add('https://b.example/');
    expect(line.urls()).toEqual(['https://a.example/0', 'https://b.example/']);
    line.store.clock.advance(999);
    expect(line.urls()).toEqual([]);
    expect(line.sites.nextOpeningMs()).toBe(1);
    line.store.clock.advance(1);
    expect(line.urls()).toEqual(['https://a.example/1']);
  });

  it('keep the interval at the site, however long the browser takes to get there', () => {
    const line = new Line({ intervalMs: 1_000 });
    line.isBrowserWarm = false;
    for (const url of many(3, 'a.example')) line.add(url);
    const slow = first(line.claim());
    line.store.clock.advance(5_000);
    expect(line.urls()).toEqual([]);
    expect(line.sites.nextOpeningMs()).toBe(1_000);
    line.sites.arrived('a.example');
    line.store.clock.advance(999);
    expect(line.urls()).toEqual([]);
    line.store.clock.advance(1);
    const next = first(line.claim());
    expect(next.task.url).toBe('https://a.example/1');
    // One that never got there keeps nobody waiting.
    line.sites.ended('a.example', true);
    line.end(next);
    expect(slow.task.url).toBe('https://a.example/0');
    line.store.clock.advance(1_000);
    expect(line.urls()).toEqual(['https://a.example/2']);
  });

  it('that are local and of a hub, of one type or another, are counted together', () => {
    const line = new Line({ concurrency: 2 });
    line.add('https://a.example/local');
    line.store.queue.enqueue(leasedTask('lease-1', { url: 'https://a.example/hub', type: 'other_type' }));
    line.add('https://a.example/third', { type: 'third_type' });
    expect(line.urls()).toEqual(['https://a.example/local', 'https://a.example/hub']);
  });

  it('are not stranded when those that were put back in line are cancelled', () => {
    const line = new Line({ concurrency: 1 });
    const ids = many(3, 'a.example').map((url) => line.add(url));
    const running = first(line.claim());
    line.end(running);
    // Puts one back in line, which nobody claims.
    line.sites.release(line.store.queue);
    line.store.queue.cancel(ids[1] ?? '', taskErrorOf('cancelled_by_host'));
    line.store.clock.advance(line.sites.nextOpeningMs() ?? 0);
    expect(line.urls()).toEqual(['https://a.example/2']);
  });

  it('whose lease ran out while they were aside do not hide those that may run', () => {
    const line = new Line({ concurrency: 1 });
    const { queue, clock } = line.store;
    const running = line.add('https://a.example/first', { priority: 1 });
    queue.enqueue(leasedTask('lease-1', { url: 'https://a.example/gone', leaseExpiresAtMs: clock.nowMs() + 1_000 }));
    line.add('https://a.example/last');
    const claimed = first(line.claim());
    expect(claimed.task.id).toBe(running);
    clock.advance(2_000);
    line.end(claimed);
    expect(line.urls()).toEqual(['https://a.example/last']);
    queue.renewLeases(['lease-1'], clock.nowMs() + 60_000);
    line.sites.ended('a.example', true);
    expect(line.urls()).toEqual(['https://a.example/gone']);
  });
});

describe('a site that asks for less', () => {
  it('is left alone for as long as it says, by every type and lane', () => {
    const line = new Line();
    line.add('https://a.example/page');
    line.add('https://a.example/audit', { lane: 'exclusive', type: 'lighthouse_html' });
    line.add('https://b.example/');
    line.sites.answered({ site: 'a.example', status: 429, retryAfterMs: 30_000 });
    expect(line.urls()).toEqual(['https://b.example/']);
    expect(line.urls(1, 'exclusive')).toEqual([]);
    expect(line.sites.slowSites()).toEqual([{ site: 'a.example', untilMs: line.store.clock.nowMs() + 30_000 }]);
    expect(line.sites.nextOpeningMs()).toBe(30_000);
    line.store.clock.advance(30_000);
    expect(line.urls()).toEqual(['https://a.example/page']);
    expect(line.urls(1, 'exclusive')).toEqual(['https://a.example/audit']);
  });

  it('gets one visitor at a time until it answers well', () => {
    const line = new Line();
    for (const url of many(4, 'a.example')) line.add(url);
    line.sites.answered({ site: 'a.example', status: 503, retryAfterMs: 1_000 });
    line.store.clock.advance(1_000);
    const alone = line.claim();
    expect(alone).toHaveLength(1);
    line.end(first(alone));
    line.sites.answered({ site: 'a.example', status: 200, retryAfterMs: null });
    expect(line.claim()).toHaveLength(2);
  });

  it('is slowed down once for pages that were under way together', () => {
    const line = new Line();
    for (let page = 0; page < 5; page += 1) {
      line.sites.answered({ site: 'a.example', status: 503, retryAfterMs: null });
    }
    line.store.clock.advance(5_000);
    expect(line.sites.slowSites()).toEqual([]);
    line.sites.answered({ site: 'a.example', status: 503, retryAfterMs: null });
    line.store.clock.advance(9_999);
    expect(line.sites.slowSites()).toHaveLength(1);
  });

  it('is remembered by the next start, and what was set aside is in line again', () => {
    const line = new Line();
    line.add('https://a.example/');
    line.sites.answered({ site: 'a.example', status: 429, retryAfterMs: 60_000 });
    expect(line.urls()).toEqual([]);
    line.store.clock.advance(20_000);
    line.restart();
    expect(line.store.queue.setAsideCounts().page).toBe(0);
    expect(line.urls()).toEqual([]);
    expect(line.sites.nextOpeningMs()).toBe(40_000);
    line.store.clock.advance(40_000);
    expect(line.urls()).toEqual(['https://a.example/']);
  });

  it('does not stay closed because the clock was set back, or the note is damaged', () => {
    const line = new Line({ longestPauseMs: 60_000 });
    line.sites.answered({ site: 'a.example', status: 429, retryAfterMs: 60_000 });
    line.store.clock.advance(-86_400_000);
    line.restart();
    expect(line.sites.slowSites()[0]?.untilMs).toBe(line.store.clock.nowMs() + 60_000);
    line.store.queue.writeNote('slowed-sites', '{"a.example": "soon"}');
    line.restart();
    expect(line.sites.slowSites()).toEqual([]);
  });
});

describe('a long line of one site', () => {
  it('costs each look a bounded amount, and nothing any more once it is aside', () => {
    const line = new Line();
    const { queue, database } = line.store;
    database.pragma('synchronous = OFF');
    queue.enqueueBatch(many(3_000, 'busy.example').map((url) => localTask({ url })));
    line.add('https://last.example/');
    let looked = 0;
    const look = (): string[] => {
      line.sites.release(queue);
      const gate = line.sites.gate('page');
      const counting = {
        turnOf: (site: string) => {
          looked += 1;
          return gate.turnOf(site);
        },
      };
      const claimed = queue.claim({ lane: 'page', limit: 4, epoch: 1, gate: counting });
      for (const { task } of claimed) line.sites.started(new URL(task.url).hostname);
      return claimed.map(({ task }) => task.url);
    };
    const started: string[] = [];
    for (let round = 0; round < 3_000 / SET_ASIDE_AT_ONCE + 1; round += 1) {
      looked = 0;
      started.push(...look());
      expect(looked).toBeLessThanOrEqual(SET_ASIDE_AT_ONCE + 4);
    }
    expect(started).toEqual(['https://busy.example/0', 'https://busy.example/1', 'https://last.example/']);
    looked = 0;
    expect(look()).toEqual([]);
    expect(looked).toBe(0);
    // One task of the long line ends, one of it follows.
    line.sites.ended('busy.example', true);
    expect(look()).toEqual(['https://busy.example/2']);
    expect(looked).toBeLessThanOrEqual(2);
  });

  it('goes on after a start of its own', () => {
    const line = new Line({ concurrency: 1 });
    for (const url of many(20, 'a.example')) line.add(url);
    const seen: string[] = [];
    let running = line.claim();
    while (running.length > 0) {
      const task = first(running);
      seen.push(task.task.url);
      line.end(task);
      if (seen.length === 7) line.restart();
      running = line.claim();
    }
    expect(seen).toEqual(many(20, 'a.example'));
  });
});

it('an audit waits out an interval at the head of its line instead of being pushed aside by pages', () => {
  const line = new Line({ intervalMs: 1_000 });
  const audit = line.add('https://a.example/audit', { lane: 'exclusive', type: 'lighthouse_html' });
  line.add('https://a.example/page');
  expect(line.urls()).toEqual(['https://a.example/page']);
  expect(line.urls(1, 'exclusive')).toEqual([]);
  expect(line.store.queue.siftHead('exclusive', line.sites.gate('exclusive'))).toBe(true);
  expect(line.store.queue.setAsideCounts().exclusive).toBe(0);
  expect(line.sites.nextOpeningMs()).toBe(1_000);
  line.store.clock.advance(1_000);
  expect(line.claim(1, 'exclusive').map(({ task }) => task.id)).toEqual([audit]);
});
