import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createRedactor } from '../../main/agent/log/redactor.ts';
import { createAgentEventPrinter } from '../../main/commands/agent-event-printer.ts';
import { printJson, printLine, toJsonLine } from '../../main/commands/output.ts';
import type { AgentEvent, AgentSnapshot } from '../../main/agent/agent-events.ts';
import { runLegwork } from './run-legwork.ts';

/** Clears the screen, sets the title of the window, turns red (as C1), and begins the line anew. */
const WICKED = 'bad \u001b[2J\u001b]0;owned\u0007 \u009b31m \rfine';

/** What a terminal could obey; ends of lines are Legwork's own. */
// oxlint-disable-next-line no-control-regex
const OBEYED = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/;

let folder: string;
let server: Server;
let hub: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'legwork-terminal-'));
  server = createServer((_request, response) => {
    const error = { code: 'bad_request', message: WICKED, details: { issues: [{ path: WICKED, message: WICKED }] } };
    response.writeHead(400, { 'Content-Type': 'application/json' }).end(JSON.stringify({ error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  hub = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

const token = `lwt_${'a'.repeat(16)}_${'b'.repeat(64)}`;

it.each([
  ['an operator’s call', 'bad \\x1b[2J', () => ['status', '--hub', hub]],
  ['an enrolment', 'legwork: POST /internal/enrol', () => ['enrol', '--hub', hub, '--token', token]],
  ['a job that is not taken', 'bad \\x1b[2J', () => ['enqueue', 'http://example.org/', '--hub', hub]],
])('what a hub answers to %s steers no terminal', async (_what, shown, args) => {
  const environment = { LEGWORK_DATA_FOLDER: folder, LEGWORK_OPERATOR_KEY: 'k'.repeat(30) };
  const { code, stdout, stderr } = await runLegwork(args(), { environment });
  expect(code).not.toBe(0);
  expect(stdout + stderr).toContain(shown);
  expect(stdout + stderr).not.toMatch(OBEYED);
});

it('what somebody was talked into typing steers no terminal either', async () => {
  const { stderr } = await runLegwork([`\u001b[2J`], { environment: { LEGWORK_DATA_FOLDER: folder } });
  expect(stderr).toContain(`unknown command '\\x1b[2J'`);
  expect(stderr).not.toMatch(OBEYED);
});

it('lines stay lines, and JSON stays JSON', () => {
  const written: string[] = [];
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((text) => written.push(String(text)) > 0);
  try {
    printLine('one\n  two');
    printLine(WICKED);
    printJson({ WICKED });
  } finally {
    write.mockRestore();
  }
  expect(written[0]).toBe('one\n  two\n');
  expect(written.join('')).not.toMatch(OBEYED);
  expect(JSON.parse(written[2] ?? '')).toEqual({ WICKED });
  expect(JSON.parse(toJsonLine(WICKED))).toBe(WICKED);
});

it.each([true, false])('what an agent tells of its hub steers no terminal (JSON: %s)', (isJson) => {
  const printed: string[] = [];
  const print = (line: string): void => void printed.push(line);
  const printer = createAgentEventPrinter({ isJson, redactor: createRedactor(), print });
  const snapshot = { hubUrl: hub, problems: [WICKED] } as unknown as AgentSnapshot;
  const events: AgentEvent[] = [
    { kind: 'refused', taskId: 't', attemptId: 'a', code: 'x', message: WICKED },
    { kind: 'leased', taskId: 't', type: 'website_html', url: `http://example.org/${WICKED}` },
    { kind: 'ended', taskId: 't', error: { code: 'internal', class: 'permanent', message: WICKED } },
  ];
  for (const event of events) printer.event(event, { snapshot: () => snapshot, problems: snapshot.problems });
  expect(printed.join('\n')).toContain('bad ');
  expect(printed.join('\n')).not.toMatch(OBEYED);
  if (isJson) for (const line of printed) expect(JSON.parse(line)).toHaveProperty('event');
});
