import { Command, InvalidArgumentError } from 'commander';
import { jsonObject, type JsonObject, maxAttempts, priority } from '../protocol/fields.ts';
import { CommandError } from './command-error.ts';
import { addConfigOptions } from './config-options.ts';
import { EXIT_CODES } from './exit-codes.ts';
import { addOperatorOptions } from './operator-options.ts';
import { formatTable, printJson, printLine } from './output.ts';

/** A task as the command line describes it, whoever is to do it. */
export interface TaskRequest {
  type: string;
  payload: JsonObject & { url: string };
  priority?: number;
  maxAttempts?: number;
}

/** How a task stands, whether it is a hub's job or a local task. */
export interface TaskState {
  id: string;
  url: string;
  status: 'pending' | 'processing' | 'completed' | 'failed' | 'cancelled';
  error: string | null;
}

/** Somebody who takes tasks. */
export interface TaskTaker {
  /** Takes all or none; ids in order. @throws CommandError when one of them is wrong */
  enqueue(tasks: readonly TaskRequest[]): Promise<string[]>;
  read(id: string): Promise<TaskState>;
  close(): void;
}

/** `legwork enqueue`: one task for each URL, given to a hub or to the agent of this machine. */
export function enqueueCommand(): Command {
  const command = new Command('enqueue')
    .argument('<url...>', 'The pages; each becomes a task.')
    .option('--type <type>', 'Task type; docs/tasks.md describes them.', 'website_html')
    .option('--payload <json>', 'Everything of the payload but the URL, as a JSON object.', parsePayload, {})
    .option('--priority <number>', '1 is the most urgent, 10 the least. Default: 5.', wholeNumber(priority))
    .option('--max-attempts <number>', 'How often it may be tried. Default: 3.', wholeNumber(maxAttempts))
    .option('--local', 'Give it to the agent of this machine; so it is without --hub.')
    .option('--wait', 'Wait until all are done; ends with 10 when one of them failed.')
    .option('--json', 'Print the tasks as JSON.');
  return addConfigOptions(addOperatorOptions(command), ['dataFolder'])
    .addHelpText(
      'after',
      `
Examples:
  legwork enqueue https://example.org --wait
  legwork enqueue https://example.org https://example.org/about --hub http://127.0.0.1:4817 \\
    --payload '{"screenshot": {"fullPage": true}}'
  legwork enqueue https://example.org --type lighthouse_html --hub https://hub.example.org --priority 1 --wait`,
    )
    .action(async (urls: string[], options: Record<string, unknown>) => {
      const taker = await chooseTaker(options);
      try {
        process.exitCode = EXIT_CODES[await enqueueAll(taker, requestsFor(urls, options), options)].code;
      } finally {
        taker.close();
      }
    });
}

function parsePayload(text: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InvalidArgumentError(`It is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const parsed = jsonObject.safeParse(value);
  if (!parsed.success) throw new InvalidArgumentError('It must be a JSON object, such as {"markdown": true}.');
  if ('url' in parsed.data) throw new InvalidArgumentError('The URL is given as an argument, not in the payload.');
  return parsed.data;
}

function wholeNumber(schema: typeof priority): (text: string) => number {
  return (text) => {
    const parsed = schema.safeParse(/^\d+$/.test(text) ? Number(text) : Number.NaN);
    if (parsed.success) return parsed.data;
    throw new InvalidArgumentError(`It must be a whole number from ${schema.minValue} to ${schema.maxValue}.`);
  };
}

/** Loads only what is needed: the local store, or the client of a hub. */
async function chooseTaker(options: Record<string, unknown>): Promise<TaskTaker> {
  const hasHub = options['hub'] !== undefined;
  if (hasHub && options['local'] === true) {
    throw new CommandError('usage', 'Say who should do it: --hub URL or --local, not both.');
  }
  if (!hasHub) {
    const { openLocalTaker } = await import('./enqueue/local-taker.ts');
    return openLocalTaker(options);
  }
  const { openHubTaker } = await import('./enqueue/hub-taker.ts');
  return openHubTaker(options);
}

function requestsFor(urls: readonly string[], options: Record<string, unknown>): TaskRequest[] {
  const payload = options['payload'] as JsonObject;
  return urls.map((url) => ({
    type: String(options['type']),
    payload: { ...payload, url },
    priority: options['priority'] as number | undefined,
    maxAttempts: options['maxAttempts'] as number | undefined,
  }));
}

async function enqueueAll(
  taker: TaskTaker,
  requests: readonly TaskRequest[],
  options: Record<string, unknown>,
): Promise<'ok' | 'jobFailed'> {
  const isJson = options['json'] === true;
  const ids = await taker.enqueue(requests);
  if (options['wait'] !== true) {
    if (isJson) printJson({ tasks: ids.map((id, index) => ({ id, url: requests[index]?.payload.url })) });
    else printLine(formatTable(ids.map((id, index) => [id, requests[index]?.payload.url ?? ''])));
    return 'ok';
  }
  const states: TaskState[] = [];
  for (const id of ids) states.push(await waitForEnd(taker, id));
  if (isJson) printJson({ tasks: states });
  else printLine(formatTable(states.map(({ id, status, url, error }) => [id, status, url, error ?? ''])));
  return states.every(({ status }) => status === 'completed') ? 'ok' : 'jobFailed';
}

const ASK_EVERY_MS = 300;

async function waitForEnd(taker: TaskTaker, id: string): Promise<TaskState> {
  for (;;) {
    const state = await taker.read(id);
    if (state.status !== 'pending' && state.status !== 'processing') return state;
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
  }
}
