import type { Lane } from '../../protocol/fields.ts';
import { PRIORITIES } from './claim-order.ts';
import { explained, lightly, type StoreContext } from './store-context.ts';

/**
 * What is to become of the next task in line: it starts; it is set aside until `releaseSite`; or it keeps its place at
 * the head and the line waits for it.
 */
export type Turn = 'start' | 'set_aside' | 'hold';

/** Decides about tasks by the site that they visit, in the order in which they would be claimed. */
export interface SiteGate {
  /** A gate that lets a task start may count it, and one that sets it aside must see to its return. */
  turnOf(site: string): Turn;
}

/** Tasks that one call sets aside at most, so that a long line of one site costs a little of many calls. */
export const SET_ASIDE_AT_ONCE = 500;
/** Tasks of one site that a release looks at. */
const LOOKED_AT = 100;

/** The statement that reads tasks in the order in which they are claimed; its plan is asserted by a test. */
export function nextInLineSql(lane: Lane): string {
  return `
    SELECT sequence, site FROM tasks
     WHERE finishedAtMs IS NULL AND status = 'pending' AND waitsForSite = 0 AND lane = '${lane}'
       AND priority IN (${PRIORITIES}) AND runAtMs <= @nowMs
       AND (leaseExpiresAtMs IS NULL OR leaseExpiresAtMs > @nowMs)
     ORDER BY priority, runAtMs, sequence
     LIMIT @limit + 0`;
}

/** The statement that finds the tasks of a site that were set aside; its plan is asserted by a test. */
export function setAsideSql(lane: Lane): string {
  return `
    SELECT sequence, leaseExpiresAtMs FROM tasks
     WHERE status = 'pending' AND waitsForSite = 1 AND lane = '${lane}' AND site = @site
     ORDER BY priority, runAtMs, sequence
     LIMIT ${LOOKED_AT}`;
}

interface NextInLine {
  sequence: number;
  site: string;
}

interface SetAsideTask {
  sequence: number;
  leaseExpiresAtMs: number | null;
}

/** Setting tasks aside whose site may not be visited now, and bringing them back. */
export function prepareSiteTurns(context: StoreContext) {
  const { database, clock } = context;
  const next = {
    page: database.prepare<unknown[], NextInLine>(nextInLineSql('page')),
    exclusive: database.prepare<unknown[], NextInLine>(nextInLineSql('exclusive')),
  };
  const setAside = database.prepare('UPDATE tasks SET waitsForSite = 1 WHERE sequence = ?');
  const ofSite = {
    page: database.prepare<unknown[], SetAsideTask>(setAsideSql('page')),
    exclusive: database.prepare<unknown[], SetAsideTask>(setAsideSql('exclusive')),
  };
  const bringBack = database.prepare('UPDATE tasks SET waitsForSite = 0 WHERE sequence = ?');

  /** Part of a transaction. @returns sequences of the first tasks in line, in its order */
  const firstInLine = (lane: Lane, limit: number): number[] =>
    next[lane].all({ nowMs: clock.nowMs(), limit }).map(({ sequence }) => sequence);

  /**
   * Part of a transaction: sets aside what the gate refuses, until it has admitted `limit` tasks, which are then the
   * first in line. @returns the sequences of those, in the order of the line
   */
  const siftWithin = (lane: Lane, limit: number, gate: SiteGate): number[] => {
    const refused: number[] = [];
    const admitted: number[] = [];
    for (const { sequence, site } of next[lane].iterate({ nowMs: clock.nowMs(), limit: limit + SET_ASIDE_AT_ONCE })) {
      const turn = site === '' ? 'start' : gate.turnOf(site);
      if (turn === 'start') admitted.push(sequence);
      if (turn === 'set_aside') refused.push(sequence);
      if (turn === 'hold' || admitted.length === limit || refused.length === SET_ASIDE_AT_ONCE) break;
    }
    for (const sequence of refused) setAside.run(sequence);
    return admitted;
  };
  const siftLightly = lightly(context, siftWithin);

  return {
    firstInLine,
    siftWithin,

    siftHead: (lane: Lane, gate: SiteGate): boolean => {
      // Nearly always the first one may go, and then nothing is to be written.
      const head = explained(context, () => next[lane].get({ nowMs: clock.nowMs(), limit: 1 }));
      if (head === undefined) return false;
      if (head.site === '' || gate.turnOf(head.site) !== 'set_aside') return true;
      return siftLightly(lane, 1, gate).length > 0;
    },

    releaseSite: lightly(context, (lane: Lane, site: string, room: number): number => {
      const nowMs = clock.nowMs();
      let released = 0;
      let live = 0;
      for (const { sequence, leaseExpiresAtMs } of ofSite[lane].all({ site })) {
        bringBack.run(sequence);
        released += 1;
        if (leaseExpiresAtMs === null || leaseExpiresAtMs > nowMs) live += 1;
        if (live >= room) break;
      }
      return released;
    }),
  };
}
