import { Command } from 'commander';

/** The process that owns Chromium; an agent starts it with a message channel and its settings in the environment. */
export function taskHostCommand(): Command {
  return new Command('task-host').action(async () => {
    const { runTaskHost } = await import('../browser/task-host-main.ts');
    await runTaskHost();
  });
}
