import type { z } from 'zod';
import { counted } from './format.ts';

/** Names of the types of JavaScript for people. */
const kinds: ReadonlyMap<string, string> = new Map([
  ['object', 'a map'],
  ['record', 'a map'],
  ['array', 'a list'],
  ['string', 'a text'],
  ['number', 'a number'],
  ['int', 'a whole number'],
  ['boolean', 'true or false'],
  ['null', 'nothing'],
]);

/** Writes a message of zod about a wrong type in words that do not need knowledge of JavaScript. */
export function issueText(message: string): string {
  const [, wanted = '', found = ''] = /^Invalid input: expected (\w+), received (\w+)$/.exec(message) ?? [];
  if (wanted === '') return limitText(message) ?? message.replace(/^Invalid input: /, '');
  if (found === 'undefined') return 'is missing';
  const expected = `expected ${kinds.get(wanted) ?? wanted}`;
  return found === 'NaN' ? expected : `${expected}, received ${kinds.get(found) ?? found}`;
}

/** Writes a message of zod about a choice, or about a number or a length that is out of range. */
function limitText(message: string): string | undefined {
  const [, options] = /^Invalid option: expected one of (".*")$/.exec(message) ?? [];
  if (options !== undefined) return `must be one of ${options.slice(1, -1).replaceAll('"|"', ', ')}`;
  const range = /^Too (?:small|big): expected \w+ (to be|to have) ([<>]=?)(\S+)(?: (characters|items))?$/;
  const [, verb, sign = '', limit, noun] = range.exec(message) ?? [];
  if (verb === undefined) return undefined;
  const bound = { '>=': 'at least', '<=': 'at most', '>': 'more than', '<': 'less than' }[sign] ?? sign;
  return `must ${verb === 'to be' ? 'be' : 'have'} ${bound} ${noun === undefined ? limit : counted(Number(limit), noun.slice(0, -1))}`;
}

type Issues = readonly z.core.$ZodIssue[];

/**
 * Finds, of the kinds that a union allows, the one that a value was meant to be.
 *
 * @returns what is wrong with it as such, or undefined if the value has no such kind.
 */
export function nearestBranch(branches: readonly Issues[]): Issues | undefined {
  const isOfOtherKind = (issues: Issues): boolean =>
    issues.some(
      (issue) => issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value'),
    );
  return branches.find((issues) => issues.length > 0 && !isOfOtherKind(issues));
}
