import { z } from '@hono/zod-openapi';
import { closest, distance } from 'fastest-levenshtein';
import { BerthError } from '../core/model/errors.ts';

/**
 * Refuses fields that a body probably does not mean: `timeout` for `timeout_seconds`. The older API ignores fields that it
 * does not know, and clients may rely on that, so other unknown fields pass. Parameters of a query are checked in the same way.
 *
 * @param others names that are read elsewhere.
 * @throws BerthError `invalid_request`
 */
export function refuseTypos(schema: z.ZodType, sent: unknown, others: readonly string[] = []): void {
  if (!(schema instanceof z.ZodObject) || typeof sent !== 'object' || sent === null) return;
  const known = [...Object.keys(schema.shape), ...others];
  const typos = Object.keys(sent)
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const meant = meantBy(name, known);
      return meant === undefined ? [] : [{ path: name.slice(0, 100), meant }];
    });
  const [first] = typos;
  if (first === undefined) return;
  throw new BerthError('invalid_request', `${first.path} is not a field of this request.`, {
    hint: `Did you mean ${first.meant}?`,
    details: typos.slice(0, 50).map(({ path, meant }) => ({
      path,
      message: `is not a field of this request; did you mean ${meant}?`,
    })),
  });
}

/**
 * Finds the field that an unknown field of an object probably means.
 *
 * @param path of the object in the body.
 */
export function meantField(
  schema: z.ZodType,
  path: readonly PropertyKey[],
  name: string,
): string | undefined {
  const object = path.reduce<unknown>(childOf, schema);
  return object instanceof z.ZodObject ? meantBy(name, Object.keys(object.shape)) : undefined;
}

function childOf(schema: unknown, part: PropertyKey): unknown {
  if (schema instanceof z.ZodArray) return unwrapped(schema.element);
  return schema instanceof z.ZodObject ? unwrapped(schema.shape[String(part)]) : undefined;
}

/** The schema of a value that may be omitted or null. */
function unwrapped(schema: unknown): unknown {
  const isWrapped =
    schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault;
  return isWrapped ? unwrapped(schema.unwrap()) : schema;
}

/** Shorter words are part of too many names. */
const shortestWord = 4;
const longestName = 100;

function meantBy(name: string, known: readonly string[]): string | undefined {
  if (name.length > longestName || known.length === 0) return undefined;
  const word = snakeCase(name);
  const names = new Map(known.map((one) => [snakeCase(one), one]));
  const part = [...names.keys()].find((one) => one.startsWith(`${word}_`) || one.endsWith(`_${word}`));
  if (part !== undefined && word.length >= shortestWord) return names.get(part);
  const near = closest(word, [...names.keys()]);
  return distance(word, near) <= Math.max(1, Math.floor(near.length / 4)) ? names.get(near) : undefined;
}

function snakeCase(name: string): string {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1_$2')
    .replace(/[-.\s]/g, '_')
    .toLowerCase();
}
