import { z } from 'zod';
import { ERROR_CODES } from './error-table.ts';

/** Fields that several messages share. Times are Unix milliseconds (`…Ms`), sizes are bytes (`…Bytes`). */

export const identifier = z
  .string()
  .regex(/^[A-Za-z0-9._:-]{1,128}$/, 'must be 1 to 128 letters, digits or . _ : -')
  .describe('An opaque name, compared byte by byte.');

export const sha256 = z
  .string()
  .regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits')
  .describe('SHA-256 of the uncompressed content, lower-case hex.');

export const unixMs = z.number().int().nonnegative().describe('Unix time in milliseconds.');

export const durationMs = z.number().int().nonnegative().describe('A duration in milliseconds.');

export const byteCount = z.number().int().nonnegative().describe('A size in bytes.');

export const priority = z.number().int().min(1).max(10).describe('1 is the most urgent, 10 the least; default 5.');

export const maxAttempts = z.number().int().min(1).max(20).describe('How often a task may be executed; default 3.');

/** `page` tasks run side by side; an `exclusive` task runs alone on its machine. */
export const lane = z.enum(['page', 'exclusive']);
export type Lane = z.infer<typeof lane>;

/** Lower-case words joined by `_`. */
export const taskTypeName = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,63}$/, 'must be lower-case words joined by _')
  .describe('Name of a task type, such as website_html.');

/** Any value that JSON (RFC 8259) can carry. */
export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue };
export type JsonObject = { [key: string]: JsonValue };

/**
 * A JSON object of any content. It stands where text was parsed as JSON a moment ago, so its values are not looked at
 * again one by one: that would take 25 ms for 200 kB, and whoever uses them has a schema of their own.
 */
export const jsonObject = z.record(z.string(), z.unknown()) as unknown as z.ZodType<JsonObject, JsonObject>;

/** Why an attempt failed; the code is one of the error table. */
export const taskError = z.object({
  code: z.enum(ERROR_CODES),
  class: z.enum(['transient', 'permanent', 'infrastructure', 'policy', 'cancelled']),
  message: z.string().max(4_000),
});
export type TaskError = z.infer<typeof taskError>;

/** A part of a result: what it is called, and the content that it names. */
export const blobReference = z.object({
  name: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,99}$/, 'must be a plain file name in lower case')
    .describe('Name of the part within its result, such as page.html.'),
  sha256,
  sizeBytes: byteCount,
  contentType: z.string().max(200),
});
export type BlobReference = z.infer<typeof blobReference>;

export const progress = z.object({
  percent: z.number().int().min(0).max(100),
  stage: z.string().max(100).describe('What the handler is doing, in a word or two.'),
});
export type Progress = z.infer<typeof progress>;
