import { FuseState, flipFuses, FuseV1Options, FuseVersion, getCurrentFuseWire } from '@electron/fuses';

/**
 * What Electron's program lets be done with it, every fuse there is. A packaged app must not be usable as a Node that
 * runs anything (`RunAsNode`, `NODE_OPTIONS`, `--inspect`), and must run nothing but its own archive.
 */
export const FUSES: Readonly<Record<FuseV1Options, boolean>> = {
  [FuseV1Options.RunAsNode]: false,
  [FuseV1Options.EnableCookieEncryption]: true,
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable]: false,
  [FuseV1Options.EnableNodeCliInspectArguments]: false,
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation]: true,
  [FuseV1Options.OnlyLoadAppFromAsar]: true,
  // There is no snapshot of our own that the main process could start from.
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  [FuseV1Options.GrantFileProtocolExtraPrivileges]: false,
  // Faster checks of WebAssembly's memory, and no risk: Chromium has them on as well.
  [FuseV1Options.WasmTrapHandlers]: true,
};

const ALL_FUSES = Object.keys(FUSES).map(Number) as FuseV1Options[];

/** The fuses that this Electron has; an older one has fewer. */
async function fusesOf(program: string): Promise<FuseV1Options[]> {
  const wire = await getCurrentFuseWire(program);
  return ALL_FUSES.filter((fuse) => wire[fuse] !== undefined);
}

/**
 * Sets every fuse of an Electron program.
 * @param isSigned whether the program is signed afterwards; on macOS one that is not must get its ad-hoc signature anew
 * @throws Error when the program has a fuse that this table does not know
 */
export async function setFuses(program: string, isSigned: boolean): Promise<void> {
  const present = await fusesOf(program);
  const common = { version: FuseVersion.V1, resetAdHocDarwinSignature: !isSigned } as const;
  if (present.length === ALL_FUSES.length)
    await flipFuses(program, { ...common, strictlyRequireAllFuses: true, ...FUSES });
  else await flipFuses(program, { ...common, ...Object.fromEntries(present.map((fuse) => [fuse, FUSES[fuse]])) });
}

/** What is wrong with the fuses of a packaged program, a sentence each. */
export async function findWrongFuses(program: string): Promise<string[]> {
  const wire = await getCurrentFuseWire(program);
  const wanted = (fuse: FuseV1Options): FuseState => (FUSES[fuse] ? FuseState.ENABLE : FuseState.DISABLE);
  return (await fusesOf(program))
    .filter((fuse) => wire[fuse] !== wanted(fuse) && wire[fuse] !== FuseState.REMOVED)
    .map((fuse) => `the fuse ${FuseV1Options[fuse]} is not ${FUSES[fuse] ? 'on' : 'off'}`);
}
