import { z } from 'zod';
import { unixMs } from '../../main/protocol/fields.ts';

/** One setting of the agent, with all that a form needs. */
export const settingDescription = z.object({
  key: z.string(),
  description: z.string(),
  value: z.unknown(),
  fallback: z.unknown(),
  /** JSON Schema (2020-12) of the value. */
  schema: z.record(z.string(), z.unknown()),
  /** Where the value comes from. One that a flag or the environment sets cannot be changed here. */
  source: z.enum(['default', 'file', 'environment', 'flag', 'enrolment']),
  /** `now`, or what must happen first. */
  applies: z.enum(['now', 'restart']),
});
export type SettingDescription = z.infer<typeof settingDescription>;

/** What changing settings did, or what is wrong with the values; then nothing was changed. */
export const changeSettingsAnswer = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('changed'),
    /** Keys that were applied at once. */
    applied: z.array(z.string()),
    /** Keys that apply at the next start of the agent, which follows by itself when nothing runs. */
    afterRestart: z.array(z.string()),
  }),
  z.object({ kind: z.literal('refused'), issues: z.array(z.object({ key: z.string(), sentence: z.string() })) }),
]);

export const storageFigures = z.object({
  dataFolder: z.string(),
  databaseBytes: z.number(),
  blobBytes: z.number(),
  logBytes: z.number(),
  freeBytes: z.number(),
  tasks: z.number().int(),
});
export type StorageFigures = z.infer<typeof storageFigures>;

/** What was used in a calendar month of the machine's time zone. */
export const monthOfUsage = z.object({
  /** `2026-11`. */
  month: z.string(),
  tasks: z.number().int(),
  browserMs: z.number(),
  bytesDown: z.number(),
  bytesUp: z.number(),
  byType: z.array(
    z.object({
      /** '' for tasks of this machine. */
      hubUrl: z.string(),
      type: z.string(),
      tasks: z.number().int(),
      browserMs: z.number(),
      bytesDown: z.number(),
      bytesUp: z.number(),
    }),
  ),
});
export type MonthOfUsage = z.infer<typeof monthOfUsage>;

/** What a server would get and be able to do, shown before the person agrees. */
export const enrolmentOffer = z.object({
  hubUrl: z.string(),
  host: z.string(),
  /** False for http: to another machine. */
  isEncrypted: z.boolean(),
  /** The server that it would take the place of. */
  replaces: z.string().nullable(),
  /** What it will be able to do, in sentences. */
  abilities: z.array(z.string()),
});
export type EnrolmentOffer = z.infer<typeof enrolmentOffer>;

export const logLine = z.object({
  sequence: z.number().int(),
  atMs: unixMs,
  level: z.enum(['debug', 'info', 'warn', 'error']),
  message: z.string(),
  fields: z.record(z.string(), z.unknown()),
});
export type LogLine = z.infer<typeof logLine>;
