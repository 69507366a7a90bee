/** The address of every view of the scene `busy`, with a task of each kind and every part of the settings. */
export const VIEWS = [
  '#/overview',
  '#/history',
  '#/task/task-0',
  '#/task/task-3',
  '#/task/task-4',
  '#/scores',
  '#/logs',
  ...['server', 'limits', 'usage', 'app', 'storage', 'privacy', 'advanced', 'about'].map(
    (part) => `#/settings/${part}`,
  ),
];
