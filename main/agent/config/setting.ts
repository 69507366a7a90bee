import { z } from 'zod';
import { describeError } from '../../protocol/describe-error.ts';

const MAX_LISTED = 500;

/** How the text of a flag or of an environment variable becomes the value that the schema checks. */
export type SettingKind = 'text' | 'number' | 'switch' | 'list';

/** What is known of a setting beside its schema; kept in the schema's zod metadata. */
export interface SettingMeta {
  readonly description: string;
  /** The values that are allowed, to end the sentence “it must be …”. */
  readonly allowed: string;
  readonly kind: SettingKind;
  readonly environment: string;
  /** The flag with its dashes; null for what may hold a secret: every user of a machine sees its programs' arguments. */
  readonly flag: string | null;
  readonly isSecret: boolean;
}

interface Naming {
  description: string;
  environment: string;
  flag: string | null;
}

function describeSetting(
  naming: Naming,
  allowed: string,
  kind: SettingKind,
  isSecret = false,
): SettingMeta & Record<string, unknown> {
  return { ...naming, allowed, kind, isSecret, flag: isSecret ? null : naming.flag };
}

/** A whole number within limits; `unit` follows the number in texts (“milliseconds”). */
export function wholeNumber(
  naming: Naming,
  limits: { minimum: number; maximum: number; unit?: string; fallback: number | (() => number) },
): z.ZodDefault<z.ZodNumber> {
  const unit = limits.unit === undefined ? '' : ` ${limits.unit}`;
  const allowed = `a whole number from ${limits.minimum} to ${limits.maximum}${unit}`;
  const { fallback } = limits;
  return z
    .number()
    .int()
    .min(limits.minimum)
    .max(limits.maximum)
    .default(typeof fallback === 'function' ? fallback : () => fallback)
    .meta(describeSetting(naming, allowed, 'number'));
}

/** Something that is on or off. */
export function toggle(naming: Naming, fallback: boolean): z.ZodDefault<z.ZodBoolean> {
  return z
    .boolean()
    .default(fallback)
    .meta(describeSetting(naming, 'true or false (also yes/no, on/off, 1/0)', 'switch'));
}

/** One of a few words. */
export function choice<const Words extends readonly [string, ...string[]]>(
  naming: Naming,
  words: Words,
  fallback: Words[number],
): z.ZodType<Words[number]> {
  return z
    .string()
    .refine((text): text is Words[number] => words.includes(text))
    .default(fallback)
    .meta({ ...describeSetting(naming, `one of ${words.join(', ')}`, 'text'), enum: words });
}

/** A text that may be missing (null). */
export function optionalText(
  naming: Naming,
  schema: z.ZodType<string>,
  allowed: string,
  isSecret = false,
): z.ZodType<string | null> {
  return schema
    .nullable()
    .default(null)
    .meta(describeSetting(naming, allowed, 'text', isSecret));
}

/** A text with a default. */
export function textWithDefault(
  naming: Naming,
  schema: z.ZodType<string>,
  allowed: string,
  fallback: () => string,
): z.ZodType<string> {
  return schema.default(fallback).meta(describeSetting(naming, allowed, 'text'));
}

/** Texts, none by default; in a flag or a variable they are separated by commas. @param check throws what is wrong with one */
export function textList(
  naming: Naming,
  check: (text: string) => unknown,
  allowed: string,
): z.ZodDefault<z.ZodArray<z.ZodString>> {
  const entry = z
    .string()
    .max(300)
    .superRefine((text, context) => {
      try {
        check(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: describeError(error) });
      }
    });
  return z
    .array(entry)
    .max(MAX_LISTED)
    .default(() => [])
    .meta(describeSetting(naming, allowed, 'list'));
}
