/* A task host that completes every task at once: what is under attack here is the agent. */
const send = (message) => process.send(message);
process.on('SIGTERM', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => {
  if (message.kind === 'stop') process.exit(0);
  if (message.kind !== 'run') return;
  const { attemptId, payload } = message;
  send({ kind: 'finished', attemptId, result: { outcome: 'completed', result: { url: payload.url }, blobs: [] } });
});
send({ kind: 'ready', processId: process.pid });
