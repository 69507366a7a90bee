import { describe, expect, it } from 'vitest';
import { first, Line, many } from './line.ts';

describe('a site that opens between a look at the line and the question when to look again', () => {
  it('is looked at at once, since nothing else may ever come', () => {
    const line = new Line({ intervalMs: 1_000 });
    for (const url of many(2, 'a.example')) line.add(url);
    line.end(first(line.claim()));
    line.store.clock.advance(1_000);
    expect(line.sites.nextOpeningMs()).toBe(1);
    expect(line.urls()).toEqual(['https://a.example/1']);
  });

  it('is looked at at once for an audit at the head of its line', () => {
    const line = new Line({ intervalMs: 1_000 });
    line.add('https://a.example/audit', { lane: 'exclusive', type: 'lighthouse_html' });
    line.add('https://a.example/page');
    line.end(first(line.claim()));
    expect(line.urls(1, 'exclusive')).toEqual([]);
    line.store.clock.advance(1_000);
    expect(line.sites.nextOpeningMs()).toBe(1);
    expect(line.urls(1, 'exclusive')).toEqual(['https://a.example/audit']);
    expect(line.sites.nextOpeningMs()).toBeNull();
  });

  it('is not looked at while its tasks wait for others of it', () => {
    const line = new Line({ concurrency: 1 });
    for (const url of many(2, 'a.example')) line.add(url);
    line.claim();
    expect(line.sites.nextOpeningMs()).toBeNull();
  });
});
