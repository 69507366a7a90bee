import type { Credentials } from '../../agent/secrets/credentials.ts';
import { HubCallError } from '../../agent/server/hub-call-error.ts';
import { describeError } from '../../protocol/describe-error.ts';
import { heartbeatResponse } from '../../protocol/heartbeat.ts';
import { MAX_CLOCK_SKEW_SECONDS } from '../../protocol/signature.ts';
import { connectToHub } from '../hub-call.ts';
import { type CheckResult, fail, ok, warn } from './check.ts';

const TIMEOUT_MS = 10_000;
/** Beyond this a clock is worth a word, although the hub still accepts it. */
const NOTABLE_SKEW_MS = 30_000;

/** Whether the hub answers, the clocks agree, and the hub accepts our signature and proves its own. */
export async function checkHub(hubUrl: string | null, credentials: Credentials | null): Promise<CheckResult[]> {
  const url = credentials?.hubUrl ?? hubUrl;
  if (url === null) {
    return [warn('hub', 'None is configured; only tasks of this machine are done.', 'Connect one with: legwork enrol')];
  }
  const [reachable, clock] = await checkReachable(url);
  if (reachable.status === 'fail') return [reachable];
  const signature =
    credentials === null
      ? fail('signature', 'This machine has no worker id and secret for that hub.', 'Get them with: legwork enrol')
      : await checkSignature(credentials);
  return [reachable, clock, signature];
}

async function checkReachable(url: string): Promise<[CheckResult, CheckResult]> {
  const { transport, basePath } = connectToHub(url, { workerId: '', secret: '' });
  try {
    const answer = await transport.send({
      method: 'GET',
      pathAndQuery: `${basePath}/health`,
      headers: { Accept: 'application/json' },
      body: Buffer.alloc(0),
      timeoutMs: TIMEOUT_MS,
      maxResponseBytes: 1024 ** 2,
    });
    const reachable =
      answer.status >= 500
        ? warn('hub', `${url} answers, with status ${answer.status}.`, 'Ask the operator; it may be starting.')
        : ok('hub', `${url} answers.`);
    return [reachable, checkClock(answer.headers['date'])];
  } catch (error) {
    const advice = 'Check the address, this machine’s network, and that the hub runs.';
    const unreachable = fail('hub', `${url} does not answer: ${describeError(error)}.`, advice);
    return [unreachable, unreachable];
  } finally {
    transport.close();
  }
}

/** `Date` has whole seconds (RFC 9110, section 6.6.1). */
function checkClock(date: string | undefined): CheckResult {
  const hubTimeMs = date === undefined ? Number.NaN : Date.parse(date);
  if (Number.isNaN(hubTimeMs)) return warn('clock', 'The hub does not tell its time.', 'Compare the clocks by hand.');
  const skewMs = Date.now() - hubTimeMs;
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  const detail = `This clock is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} the hub's.`;
  if (Math.abs(skewMs) > MAX_CLOCK_SKEW_SECONDS * 1_000) {
    return warn('clock', detail, 'Set the clock (switch its synchronisation on). Until then the hub’s time is used.');
  }
  if (Math.abs(skewMs) > NOTABLE_SKEW_MS) return warn('clock', detail, 'Switch the clock’s synchronisation on.');
  return ok('clock', `It agrees with the hub's to ${Math.max(1, seconds)} s.`);
}

/**
 * A heartbeat of a session that does not exist: the hub must check the signature before it can say so, and nothing
 * changes, whereas a handshake would take over from a running agent.
 */
async function checkSignature(credentials: Credentials): Promise<CheckResult> {
  const { client, transport } = connectToHub(credentials.hubUrl, credentials);
  const accepted = ok('signature', `The hub accepts ${credentials.workerId} and proves to be the hub.`);
  try {
    const message = { sessionId: 'doctor', leases: [], acknowledgedCommands: [] };
    await client.post('/internal/heartbeat', message, heartbeatResponse, { timeoutMs: TIMEOUT_MS });
    return accepted;
  } catch (error) {
    if (!(error instanceof HubCallError)) throw error;
    if (error.failure === 'refused' && error.code === 'session_unknown') return accepted;
    return fail('signature', `${error.message}.`, adviceFor(error));
  } finally {
    transport.close();
  }
}

function adviceFor(error: HubCallError): string {
  switch (error.code) {
    case 'unknown_worker':
      return 'The hub does not know this worker. Enrol again with: legwork enrol';
    case 'bad_signature':
      return 'The secret is not the one that the hub has. Enrol again, or correct LOCALBROWSER_SECRET.';
    case 'revoked_worker':
      return 'The operator has revoked this worker. Ask for a new enrolment token.';
    case 'unverified':
    case 'invalid_answer':
      return 'Something else may answer at this address (a proxy?), or it has another secret. Check both.';
    default:
      return 'Ask the operator, with this message.';
  }
}
