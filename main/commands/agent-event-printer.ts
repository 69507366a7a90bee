import type { Agent } from '../agent/agent.ts';
import type { AgentEvent, AgentSnapshot } from '../agent/agent-events.ts';
import { printable } from '../agent/log/format-line.ts';
import type { LimitVerdict } from '../agent/limits/limit-verdict.ts';
import type { Redactor } from '../agent/log/redactor.ts';
import type { LinkState } from '../agent/server/hub-link.ts';
import { assertNever } from '../protocol/assert-never.ts';
import type { BrowserInformation } from '../protocol/task-host-messages.ts';
import { formatDuration, toJsonLine } from './output.ts';

/** Tells people or programs what an agent does. */
export interface AgentEventPrinter {
  started(snapshot: AgentSnapshot, browsers: readonly BrowserInformation[]): void;
  event(event: AgentEvent, agent: Pick<Agent, 'snapshot' | 'problems'>): void;
  stopping(how: 'drain' | 'now', snapshot: AgentSnapshot): void;
}

export interface PrinterOptions {
  isJson: boolean;
  redactor: Redactor;
  print: (line: string) => void;
}

function describeLink(link: LinkState, snapshot: AgentSnapshot): string {
  switch (link.state) {
    case 'connecting':
      return `connecting to ${snapshot.hubUrl ?? 'the hub'}`;
    case 'connected':
      return `connected to ${snapshot.hubUrl ?? 'the hub'} as ${snapshot.workerId ?? '?'}`;
    case 'ended':
      return 'left the hub';
    case 'offline':
      return `the hub does not answer; trying again (${link.reason})`;
    case 'unaccepted':
      return `not accepted; trying again slowly (${link.reason})`;
    case 'revoked':
      return `the hub has revoked this worker (${link.reason})`;
    case 'superseded':
      return `a newer start of this agent has taken over (${link.reason})`;
    case 'too_old':
      return `the hub wants a newer Legwork (${link.reason})`;
    default:
      return assertNever(link, 'state of the link');
  }
}

function describeLimits({ mayWork, reasons }: LimitVerdict): string {
  return mayWork ? 'limits     work goes on' : `limits     ${reasons.map(({ sentence }) => sentence).join(' ')}`;
}

/** One line for people about an event; null for those that only programs want. */
function describeEvent(event: AgentEvent, snapshot: () => AgentSnapshot): string | null {
  switch (event.kind) {
    case 'changed':
    case 'progress':
      return null;
    case 'link':
      return describeLink(event.link, snapshot());
    case 'leased':
      return `received   ${event.type} ${event.url}`;
    case 'started':
      return `started    ${event.type} ${event.url}${event.attempt > 1 ? ` (attempt ${event.attempt})` : ''}`;
    case 'finished':
      return `${event.outcome.padEnd(10)} ${event.type} ${event.url} in ${formatDuration(event.durationMs)}`;
    case 'ended':
      return `stopped    task ${event.taskId}: ${event.error.message}`;
    case 'delivered':
      return `delivered  task ${event.taskId}`;
    case 'refused':
      return `not taken  task ${event.taskId}: ${event.message}`;
    case 'limits':
      return describeLimits(event.limits);
    default:
      return assertNever(event, 'event');
  }
}

/** Lines for people, or one JSON object a line: `{"time", "event", …}`. Everything passes the redactor. */
export function createAgentEventPrinter({ isJson, redactor, print }: PrinterOptions): AgentEventPrinter {
  let lastProblems = '';

  function printEvent(event: string, fields: Record<string, unknown>): void {
    print(redactor.text(toJsonLine({ time: new Date().toISOString(), event, ...fields })));
  }
  function printText(text: string): void {
    print(printable(redactor.text(text)));
  }
  function printProblems(problems: readonly string[]): void {
    const text = problems.join(' ');
    if (text === lastProblems) return;
    lastProblems = text;
    if (isJson) printEvent('problems', { problems });
    else if (text !== '') printText(`attention  ${text}`);
  }

  return {
    started(snapshot, browsers) {
      const { instanceId, epoch, hubUrl, workerId, sandbox } = snapshot;
      if (isJson) {
        printEvent('ready', { processId: process.pid, instanceId, epoch, hubUrl, workerId, sandbox, browsers });
      } else {
        const names = browsers.map(({ kind, version }) => `${kind.replaceAll('_', ' ')} ${version}`);
        printText(`Legwork agent, start ${epoch}, with ${names.length === 0 ? 'no browser' : names.join(' and ')}`);
        if (!sandbox) printText('attention  Chromium runs without its own sandbox, as allowed');
        if (hubUrl === null) printText('no hub: only tasks of this machine are done (`legwork enqueue --local`)');
      }
      printProblems(snapshot.problems);
      const { limits } = snapshot;
      if (limits.mayWork) return;
      if (isJson) printEvent('limits', { limits });
      else printText(describeLimits(limits));
    },
    event(event, agent) {
      if (event.kind === 'changed') {
        printProblems(agent.problems);
        return;
      }
      const { kind, ...fields } = event;
      if (isJson) printEvent(kind, fields);
      else {
        const text = describeEvent(event, () => agent.snapshot());
        if (text !== null) printText(text);
      }
    },
    stopping(how, { running }) {
      if (isJson) printEvent('stopping', { how, running: running.length });
      else if (how === 'now') printText('stopping at once');
      else printText(`stopping   ${running.length} running; once more stops at once`);
    },
  };
}
