/**
 * What the fields mean whose schema has no description of its own, by `<message>.<path>`. The generator of the tables
 * fails on a field without a meaning and on an entry without a field.
 */
export const FIELD_MEANINGS: Record<string, string> = {
  'enrolRequest.instanceId':
    'The installation that enrols. The token belongs to the first one that uses it; a repeat with the same one is answered alike.',
  'enrolRequest.agentVersion': 'Version of the agent program.',
  'enrolResponse.workerId': 'The worker’s id from now on, for X-Worker-Id.',
  'enrolResponse.secret': 'The worker’s secret. The UTF-8 bytes of this text are the HMAC key.',
  'rotateSecretRequest.sessionId': 'From the handshake.',
  'rotateSecretResponse.secret': 'The new secret; see Rotation.',

  'handshakeRequest.protocolVersion': 'Version of this protocol that the agent speaks: 1.',
  'handshakeRequest.agentVersion': 'Version of the agent program, as in semantic versioning.',
  'handshakeRequest.operatingSystem': 'What the agent runs on.',
  'handshakeRequest.operatingSystem.platform': 'Such as linux, darwin, win32.',
  'handshakeRequest.operatingSystem.release': 'Release of the kernel.',
  'handshakeRequest.operatingSystem.architecture': 'Such as x64, arm64.',
  'handshakeRequest.cpuCount': 'Processors that the agent may use.',
  'handshakeRequest.memoryBytes': 'Memory of the machine.',
  'handshakeRequest.browsers': 'Browsers that the agent found; empty when there is none.',
  'handshakeRequest.browsers[].kind': 'Which build of Chromium.',
  'handshakeRequest.browsers[].version': 'Its version.',
  'handshakeRequest.taskTypes': 'Task types that the agent can do.',
  'handshakeRequest.taskTypes[].version': 'Version of the type’s payload and result.',
  'handshakeRequest.unsentResults[].leaseId': 'Lease that the result belongs to.',
  'handshakeRequest.unsentResults[].attemptId': 'Attempt that the result came from.',

  'handshakeResponse.workerId': 'The worker that the hub took the agent for.',
  'handshakeResponse.hubTimeMs': 'The hub’s time, for showing how far the clocks are apart.',
  'handshakeResponse.maxTasksPerRequest': 'Most tasks in one answer to request-work.',
  'handshakeResponse.minimumAgentVersion': 'Oldest agent that the hub works with; older ones get `agent_too_old`.',

  'requestWorkRequest.sessionId': 'From the handshake.',
  'requestWorkRequest.capacity': 'Tasks that the agent can take now, by lane. 0 in both: it only listens.',
  'requestWorkRequest.capacity.page': 'Tasks of types of the page lane, which run side by side.',
  'requestWorkRequest.capacity.exclusive': 'Tasks of types of the exclusive lane, which run alone.',
  'requestWorkRequest.power.onBattery': 'Whether the machine runs on its battery.',
  'requestWorkRequest.power.idle': 'Whether nobody has used the machine lately.',
  'requestWorkRequest.waitSeconds': 'How long the hub may hold the call open when it has nothing to say.',
  'requestWorkRequest.acknowledgedCommands': 'Ids of commands that were received; the hub stops sending those.',

  'requestWorkResponse.tasks': 'Jobs that are leased to the agent with this answer; may be empty.',
  'requestWorkResponse.tasks[].jobId': 'The hub’s id of the job; goes back with the result.',
  'requestWorkResponse.tasks[].payload': 'The job’s payload: a JSON object, never a list.',
  'requestWorkResponse.lostLeases': 'Leases that the agent must let go.',
  'requestWorkResponse.lostLeases[].leaseId': 'The lease.',
  'requestWorkResponse.lostLeases[].reason':
    'Why: the job was cancelled, the lease ran out, somebody else has the job, or the hub does not know it.',
  'requestWorkResponse.commands': 'What the hub asks for beside the tasks; sent again until acknowledged.',
  'requestWorkResponse.commands[].id': 'Names the command in acknowledgedCommands.',
  'requestWorkResponse.commands[].command': 'See Commands.',

  'heartbeatRequest.sessionId': 'From the handshake.',
  'heartbeatRequest.leases': 'Every lease that the agent holds; all are renewed at once.',
  'heartbeatRequest.leases[].leaseId': 'The lease.',
  'heartbeatRequest.leases[].state': 'Waiting in the agent’s queue, executing, or finished and on its way to the hub.',
  'heartbeatRequest.leases[].progress': 'How far a running task is.',
  'heartbeatRequest.leases[].progress.percent': 'A rough share; may go back when an attempt is repeated.',
  'heartbeatRequest.acknowledgedCommands': 'Ids of commands that were received; the hub stops sending those.',

  'heartbeatResponse.renewedLeases': 'Leases that now last leaseSeconds longer than now.',
  'heartbeatResponse.lostLeases': 'Leases that the agent must let go.',
  'heartbeatResponse.lostLeases[].leaseId': 'The lease.',
  'heartbeatResponse.lostLeases[].reason': 'As in request-work.',
  'heartbeatResponse.commands': 'As in request-work.',
  'heartbeatResponse.commands[].id': 'Names the command in acknowledgedCommands.',
  'heartbeatResponse.commands[].command': 'See Commands.',

  'blobStatusResponse.status': 'The whole blob, a part of it in this encoding, or nothing.',

  'putBlobQuery.encoding': 'How the bytes are encoded: as they are, or Brotli (RFC 7932).',
  'putBlobResponse.status': '`stored` with status 200: the blob is whole. `partial` with 202: send the rest.',

  'submitResultRequest.leaseId': 'The lease under which the job was executed: the fencing token.',
  'submitResultRequest.jobId': 'The job, from the leased task.',
  'submitResultRequest.type': 'The job’s task type.',
  'submitResultRequest.typeVersion': 'Version of the type that wrote the result.',
  'submitResultRequest.outcome': 'How the last attempt ended.',
  'submitResultRequest.startedAtMs': 'When the last attempt started, by the agent’s clock. Unix time in milliseconds.',
  'submitResultRequest.finishedAtMs': 'When it ended, by the agent’s clock. Unix time in milliseconds.',
  'submitResultRequest.durationMs': 'How long it took, by a clock that nobody sets. Milliseconds.',
  'submitResultRequest.error.code': 'What went wrong.',
  'submitResultRequest.error.class': 'The code’s class, so that a hub need not know every code.',
  'submitResultRequest.error.message': 'For a person; may name what exactly was wrong.',
  'submitResultRequest.blobs[].sizeBytes': 'Size of the content, not encoded.',
  'submitResultRequest.blobs[].content.encoding': 'How the bytes are encoded, as in the query of a PUT.',
  'submitResultRequest.blobs[].contentType':
    'Media type (RFC 9110 §8.3). From the page’s machine: do not trust it as safe.',
  'submitResultResponse.status': 'The result is recorded.',

  'goodbyeRequest.sessionId': 'From the handshake.',
  'goodbyeRequest.reason':
    'The program ends, somebody has paused it, the machine goes to sleep, or the host removes the hub.',
  'goodbyeRequest.returnedLeases': 'Leases whose jobs the agent will not do.',
  'goodbyeRequest.returnedLeases[].leaseId': 'The lease.',
  'goodbyeRequest.returnedLeases[].attemptsUsed': 'Executions that this lease took, the interrupted one included.',
  'goodbyeResponse.returnedLeases': 'Leases that were this agent’s and are back in the hub’s queue.',
  'leaveRequest.returnedLeases': 'Leases whose jobs the agent will not do; those that are left out go back as well.',
  'leaveRequest.returnedLeases[].leaseId': 'The lease.',
  'leaveRequest.returnedLeases[].attemptsUsed': 'Executions that this lease took, the interrupted one included.',
  'leaveResponse.status': 'Always `left`: the secret is good for nothing any more.',

  'hubErrorBody.error': 'What went wrong.',
  'hubErrorBody.error.code': 'One of the codes below; a hub may have more.',
  'hubErrorBody.error.message': 'For a person. Shown and logged by the agent: no secrets in it.',
  'hubErrorBody.error.details': 'What the code says is there.',
};
