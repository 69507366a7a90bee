import { type UiSnapshot, uiSnapshot } from '../../preload/contract.ts';
import { restingSnapshot } from '../renderer/scenes/scene-snapshot.ts';

/** A snapshot of a desktop app that has nothing to do, with what a test is about in its place. */
export function aSnapshot(overrides: Partial<UiSnapshot> = {}): UiSnapshot {
  return uiSnapshot.parse({
    ...restingSnapshot(1_760_000_000_000),
    shell: 'desktop',
    startAtLogin: false,
    ...overrides,
  } satisfies UiSnapshot);
}
