import type { z } from 'zod';

const SHOWN_CHARACTERS_MAX = 60;

/**
 * Checks `value` against `schema` and returns it, typed. `fail` makes the error out of one sentence about the first
 * thing that is wrong: the field, what it must be (the schema's message), and the value that was there.
 */
export function checked<T>(schema: z.ZodType<T>, value: unknown, fail: (sentence: string) => Error): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A misspelt name comes before the lack of the right one, which follows from it.
  const unknown = issues.find(({ code }) => code === 'unrecognized_keys');
  if (unknown?.code === 'unrecognized_keys') throw fail(unknownKey(unknown.keys[0]!, schema));
  const issue = issues[0]!;
  const field = issue.path.join('.');
  const wrong = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown> | undefined)?.[key], value);
  if (wrong === undefined && field !== '') throw fail(`${field} is missing; it ${issue.message}`);
  throw fail(`${field === '' ? 'the value' : field} ${issue.message}, got ${show(wrong)}`);
}

/** A value as a message shows it: short, strings quoted, functions and objects by what they are. */
export function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object' && value !== null) {
    if (Array.isArray(value)) return 'an array';
    const name = value.constructor?.name ?? 'Object';
    return name === 'Object' ? 'an object' : `an object of class ${name}`;
  }
  const text = typeof value === 'string' ? JSON.stringify(value) : String(value);
  return text.length > SHOWN_CHARACTERS_MAX ? `${text.slice(0, SHOWN_CHARACTERS_MAX)}…` : text;
}

function unknownKey(key: string, schema: z.ZodType): string {
  const known = 'shape' in schema ? Object.keys(schema.shape as object) : [];
  return `unknown option "${key}"; the options are ${known.join(', ')}`;
}
