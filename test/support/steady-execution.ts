/**
 * What tests and measurements add to the environment of an agent that must always run as many tasks side by side as it
 * is told, whatever else this machine is doing.
 */
export const STEADY_EXECUTION: Readonly<Record<string, string>> = {
  LEGWORK_ADAPTIVE_CONCURRENCY: 'false',
  LEGWORK_BACKGROUND_PRIORITY: 'false',
};
