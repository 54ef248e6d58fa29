import type { z } from '@hono/zod-openapi';
import { BerthError } from '../core/model/errors.ts';
import { issueText, nearestBranch } from '../lib/issue-text.ts';
import { meantField } from './refuse-typos.ts';

type Details = NonNullable<BerthError['details']>;

/** More than a person reads; a hostile body can break a schema in very many places. */
const mostDetails = 50;

/**
 * Parses an input with a schema.
 *
 * @param message the text of the error; if omitted, the first places and reasons.
 * @throws BerthError `invalid_request`, with every place that is wrong.
 */
export function validate<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  message?: string,
): z.output<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const details = result.error.issues
    .slice(0, mostDetails)
    .flatMap((issue) => detailsOf(issue, schema))
    .slice(0, mostDetails);
  throw new BerthError('invalid_request', message ?? `The request is not valid: ${summaryOf(details)}`, {
    details,
  });
}

function detailsOf(issue: z.core.$ZodIssue, schema: z.ZodType): Details {
  const path = issue.path.map(String);
  // One entry for each unknown field, at the path of the field.
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, mostDetails).map((key) => {
      const meant = meantField(schema, issue.path, key);
      return {
        path: shown([...path, key]),
        message: `is not a field of this request${meant === undefined ? '' : `; did you mean ${meant}?`}`,
      };
    });
  }
  const nearest = issue.code === 'invalid_union' ? nearestBranch(issue.errors) : undefined;
  if (nearest !== undefined) {
    return nearest.flatMap((one) => detailsOf({ ...one, path: [...issue.path, ...one.path] }, schema));
  }
  // The reason why a key of a record is refused, such as the name of a variable.
  const [reason] = issue.code === 'invalid_key' ? issue.issues : [];
  return [{ path: shown(path), message: issueText(reason?.message ?? issue.message) }];
}

/** Shortens paths, which come from the request, so that a response is never longer than its request. */
function shown(path: readonly string[]): string {
  return path.join('.').slice(0, 200);
}

function summaryOf(details: Details): string {
  const [first] = details;
  if (first === undefined) return 'it does not match its schema.';
  const more = details.length === 1 ? '' : ` (and ${details.length - 1} more)`;
  const text = `${first.path === '' ? 'the body' : first.path}: ${first.message}${more}`;
  return text.endsWith('?') ? text : `${text}.`;
}
