import { describe, expect, it } from 'vitest';
import { defaultDataFolder, defaultMaxConcurrentTasks } from '../../../main/agent/config/machine-defaults.ts';

const facts = { homeFolder: '/home/ada', cpuCount: 4, environment: {} };

describe('the default data folder', () => {
  it('follows the habits of each platform', () => {
    expect(defaultDataFolder({ ...facts, platform: 'linux' })).toBe('/home/ada/.local/share/legwork');
    expect(defaultDataFolder({ ...facts, platform: 'linux', environment: { XDG_DATA_HOME: '/data' } })).toBe(
      '/data/legwork',
    );
    expect(defaultDataFolder({ ...facts, platform: 'darwin' })).toBe('/home/ada/Library/Application Support/Legwork');
    expect(
      defaultDataFolder({
        ...facts,
        platform: 'win32',
        environment: { LOCALAPPDATA: 'C:\\Users\\ada\\AppData\\Local' },
      }),
    ).toBe('C:\\Users\\ada\\AppData\\Local\\Legwork');
  });

  it('ignores a relative XDG_DATA_HOME, as the specification demands', () => {
    expect(defaultDataFolder({ ...facts, platform: 'linux', environment: { XDG_DATA_HOME: 'data' } })).toBe(
      '/home/ada/.local/share/legwork',
    );
  });
});

describe('the default concurrency', () => {
  it('grows with the cores and stays within reason', () => {
    expect([1, 2, 4, 5, 64].map(defaultMaxConcurrentTasks)).toEqual([2, 3, 5, 6, 6]);
  });
});
