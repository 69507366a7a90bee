import type { Command } from 'commander';

/** A command as the overview lists it; its own file is loaded only when it is run or asked for help. */
export interface CommandEntry {
  name: string;
  summary: string;
  /** Not shown in the overview: started by Legwork itself. */
  hidden?: boolean;
  load(): Promise<Command>;
}

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'demo',
    summary: 'show the main job on this machine: hub, agent, pages, results',
    load: async () => (await import('./demo-command.ts')).demoCommand(),
  },
  {
    name: 'hub',
    summary: 'run the reference hub: holds jobs, hands them out, keeps results',
    load: async () => (await import('./hub-command.ts')).hubCommand(),
  },
  {
    name: 'agent',
    summary: 'run an agent: pulls work from a hub, does it, delivers the results',
    load: async () => (await import('./agent-command.ts')).agentCommand(),
  },
  {
    name: 'enrol',
    summary: 'exchange a one-time token for this machine’s own secret',
    load: async () => (await import('./enrol-command.ts')).enrolCommand(),
  },
  {
    name: 'leave',
    summary: 'leave the hub: give work back, have the secret revoked, keep or wipe data',
    load: async () => (await import('./leave-command.ts')).leaveCommand(),
  },
  {
    name: 'enqueue',
    summary: 'give work: to a hub, or to the agent of this machine',
    load: async () => (await import('./enqueue-command.ts')).enqueueCommand(),
  },
  {
    name: 'status',
    summary: 'what the agent of this machine, or a hub, is doing',
    load: async () => (await import('./status-command.ts')).statusCommand(),
  },
  {
    name: 'pause',
    summary: 'let the agent of this machine start nothing new, for a while or until resume',
    load: async () => (await import('./pause-commands.ts')).pauseCommand(),
  },
  {
    name: 'resume',
    summary: 'let the agent of this machine go on',
    load: async () => (await import('./pause-commands.ts')).resumeCommand(),
  },
  {
    name: 'doctor',
    summary: 'check browser, database, clock and hub; say what to do about each failure',
    load: async () => (await import('./doctor-command.ts')).doctorCommand(),
  },
  {
    name: 'task-host',
    summary: 'own Chromium and carry out tasks for an agent',
    hidden: true,
    load: async () => (await import('./task-host-command.ts')).taskHostCommand(),
  },
];
