/** Names of Electron's channels; apart from the schemas, which the preload script does without. */
export const IPC_CALL_CHANNEL = 'legwork:call';
export const IPC_EVENT_CHANNEL = 'legwork:event';
