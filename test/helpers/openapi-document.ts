import { createHash } from 'node:crypto';
import { httpWorld } from '../unit/http/http-world.ts';

/** Text for people; types do not depend on it, so a better wording does not make them stale. */
const prose = new Set(['description', 'summary', 'example', 'examples', 'tags', 'security']);
const methods = new Set(['get', 'put', 'post', 'patch', 'delete']);

/**
 * The OpenAPI document, reduced to what the typed API client needs: paths, parameters, bodies and answers of success.
 * Every error answer becomes an `ApiError`.
 */
export async function clientDocument(): Promise<string> {
  const { app } = httpWorld();
  const document: unknown = await (await app.request('/openapi.json')).json();
  return JSON.stringify(reduced(document, []), null, 2);
}

export function digestOf(document: string): string {
  return createHash('sha256').update(document).digest('hex');
}

function reduced(value: unknown, path: readonly string[]): unknown {
  if (Array.isArray(value)) {
    return value.filter((item) => !isHeaderParameter(item)).map((item) => reduced(item, [...path, '0']));
  }
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isKept(key, path) && !isSecondForm(key, path, value))
      .map(([key, inner]) => [key, isAnswerText(key, path) ? '' : reduced(inner, [...path, key])]),
  );
}

function isKept(key: string, path: readonly string[]): boolean {
  const parent = path.at(-1);
  // A property of a schema may have any name.
  if (parent === 'properties') return true;
  if (parent === 'responses') return key.startsWith('2');
  if (isAnswerText(key, path)) return true;
  if (path.length === 2 && path[0] === 'paths') return methods.has(key);
  return !prose.has(key);
}

/** Where an answer exists as JSON, the client reads that and no other form. */
function isSecondForm(key: string, path: readonly string[], content: object): boolean {
  const json = 'application/json';
  return path.at(-1) === 'content' && path.at(-3) === 'responses' && json in content && key !== json;
}

/** OpenAPI requires it, if only as an empty text. */
function isAnswerText(key: string, path: readonly string[]): boolean {
  return path.at(-2) === 'responses' && key === 'description';
}

function isHeaderParameter(item: unknown): boolean {
  return typeof item === 'object' && item !== null && 'in' in item && item.in === 'header';
}
