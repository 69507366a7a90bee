import type { z } from 'zod';
import { LegworkError } from './error-table.ts';
import type { JsonObject, Lane } from './fields.ts';

/** What everybody must know of a task type; how it is carried out stands with it under `main/browser/tasks`. */
export interface TaskType {
  readonly name: string;
  /** Grows when the payload or the result changes in a way that an older reader would misread. */
  readonly version: number;
  /** One sentence for people. */
  readonly summary: string;
  readonly lane: Lane;
  /** An object schema with a `url`; its defaults are the type's defaults. */
  readonly payloadSchema: z.ZodType<JsonObject & { url: string }>;
  readonly resultSchema: z.ZodType<JsonObject>;
  /** The longest that one attempt with this (parsed) payload may take, in milliseconds; then it is stopped. */
  deadlineMs(payload: JsonObject): number;
}

/** More than this is one mistake, or no payload at all. */
const MAX_ISSUES = 50;

/**
 * What is wrong in a payload, a line for each field, 50 at most. `path` begins with `payload` and ends with the field's name, also
 * for a field that the schema does not know: zod names there the object that has it.
 */
export function payloadIssues(error: z.ZodError): { path: string; message: string }[] {
  return error.issues.slice(0, MAX_ISSUES).flatMap((issue) => {
    const path = ['payload', ...issue.path];
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    return issue.keys
      .slice(0, MAX_ISSUES)
      .map((key) => ({ path: [...path, key.slice(0, 100)].join('.'), message: 'there is no such field' }));
  });
}

/** The task types that a program knows. Given to the hub and the agent by the composition root. */
export class TaskCatalogue {
  readonly #types: ReadonlyMap<string, TaskType>;
  #disabled: ReadonlySet<string>;

  /** @param disabled names of types that the host has switched off: known, but neither offered nor carried out */
  constructor(types: readonly TaskType[], disabled: readonly string[] = []) {
    this.#types = new Map(types.map((type) => [type.name, type]));
    this.#disabled = new Set(disabled);
  }

  /** The same types, to be switched off apart from these. */
  copy(): TaskCatalogue {
    return new TaskCatalogue([...this.#types.values()], [...this.#disabled]);
  }

  /** Switches exactly these off; all others are on. */
  switchOff(names: readonly string[]): void {
    this.#disabled = new Set(names);
  }

  /** The types that may be carried out. */
  list(): TaskType[] {
    return [...this.#types.values()].filter(({ name }) => !this.#disabled.has(name));
  }

  /** The names of all types, those that are switched off included. */
  names(): string[] {
    return [...this.#types.keys()];
  }

  /** The version of a type, whether it is switched on or not; 1 for one that this program does not know any more. */
  versionOf(name: string): number {
    return this.#types.get(name)?.version ?? 1;
  }

  /** @throws LegworkError `unknown_type`, `type_disabled` */
  get(name: string): TaskType {
    const type = this.#types.get(name);
    if (type === undefined) {
      throw new LegworkError(
        'unknown_type',
        `Type ${JSON.stringify(name.slice(0, 100))}; known are ${this.names().join(', ')}.`,
      );
    }
    if (this.#disabled.has(name)) throw new LegworkError('type_disabled', `Type ${name}.`);
    return type;
  }

  /**
   * The payload with its defaults filled in.
   * @throws LegworkError `unknown_type`, `type_disabled`, or `invalid_payload` with the path of each wrong field
   */
  parsePayload(typeName: string, payload: unknown): JsonObject & { url: string } {
    const parsed = this.get(typeName).payloadSchema.safeParse(payload);
    if (parsed.success) return parsed.data;
    const issues = payloadIssues(parsed.error).map(({ path, message }) => `${path}: ${message}`);
    throw new LegworkError('invalid_payload', issues.join('; '));
  }
}
