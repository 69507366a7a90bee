import { describe, expect, it } from 'vitest';
import { mustReplace } from '../../../main/agent/server/work-loop.ts';
import { capacityToAskFor } from '../../../main/agent/work-wish.ts';

describe('replacing an open request for work', () => {
  it.each([
    [{ page: 0, exclusive: 0 }, { page: 1, exclusive: 0 }, true],
    [{ page: 0, exclusive: 1 }, { page: 6, exclusive: 1 }, true],
    [{ page: 6, exclusive: 0 }, { page: 6, exclusive: 2 }, true],
    [{ page: 6, exclusive: 1 }, { page: 0, exclusive: 0 }, true],
    [{ page: 2, exclusive: 1 }, { page: 6, exclusive: 3 }, false],
    [{ page: 6, exclusive: 3 }, { page: 2, exclusive: 0 }, false],
    [{ page: 0, exclusive: 0 }, { page: 0, exclusive: 0 }, false],
  ])('of capacity %o when %o is wanted: %s', (open, wish, expected) => {
    expect(mustReplace(open, wish)).toBe(expected);
  });
});

describe('how much work to ask for', () => {
  const idle = { maxConcurrent: 3, held: { page: 0, exclusive: 0 }, stopped: false };

  it('keeps a reserve beside what runs, and asks again only when half of it is used', () => {
    expect(capacityToAskFor(idle).page).toBe(6);
    expect(capacityToAskFor({ ...idle, held: { page: 5, exclusive: 0 } }).page).toBe(0);
    expect(capacityToAskFor({ ...idle, held: { page: 4, exclusive: 0 } }).page).toBe(2);
  });

  it('asks for nothing while it is stopped', () => {
    expect(capacityToAskFor({ ...idle, stopped: true })).toEqual({ page: 0, exclusive: 0 });
  });

  it('holds few audits, whatever it holds of pages', () => {
    expect(capacityToAskFor({ ...idle, held: { page: 6, exclusive: 3 } })).toEqual({ page: 0, exclusive: 0 });
    expect(capacityToAskFor({ ...idle, held: { page: 6, exclusive: 1 } })).toEqual({ page: 0, exclusive: 2 });
  });

  it('asks for other tasks while some wait for their sites, but not without end', () => {
    const held = { page: 6, exclusive: 3 };
    expect(capacityToAskFor({ ...idle, held, setAside: { page: 6, exclusive: 3 } })).toEqual({ page: 6, exclusive: 3 });
    const more = { page: 12, exclusive: 6 };
    expect(capacityToAskFor({ ...idle, held: more, setAside: more })).toEqual({ page: 0, exclusive: 0 });
  });
});
