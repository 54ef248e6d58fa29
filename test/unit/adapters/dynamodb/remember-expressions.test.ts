import { describe, expect, it } from '@jest/globals';
import conditionParser, { type ExpressionParser } from 'dynalite/db/conditionParser.js';
import updateParser from 'dynalite/db/updateParser.js';
import { rememberExpressions } from '../../../../app/adapters/dynamodb/remember-expressions.ts';

/** Returns the result of dynalite for an expression: its tree, what it did not use, or its error. */
function parsed(
  { parse }: ExpressionParser,
  text: string,
  attrVals: Record<string, object>,
  attrNames: Record<string, string> = { '#a': 'a', '#b': 'b' },
) {
  const unused = (all: object) => Object.fromEntries(Object.keys(all).map((name) => [name, true] as const));
  const context = {
    attrNames,
    attrVals,
    unusedAttrNames: unused(attrNames),
    unusedAttrVals: unused(attrVals),
    isReserved: () => false,
    compare: (_: string, one: { S: string }, other: { S: string }) => one.S > other.S,
  };
  let tree: unknown;
  try {
    tree = parse(text, { context });
  } catch (error) {
    tree = String(error);
  }
  return { tree, names: context.unusedAttrNames, values: context.unusedAttrVals };
}

/** Parsers that remember, with a count of what they parsed. */
function remembering({ parse }: ExpressionParser): ExpressionParser & { parsed: number } {
  const parser = {
    parsed: 0,
    parse: (...request: Parameters<typeof parse>) => {
      parser.parsed += 1;
      return parse(...request);
    },
  };
  rememberExpressions(parser);
  return parser;
}

const condition = 'attribute_not_exists(#a) OR (#a = :x AND begins_with(#b, :y))';
const update = 'SET #a = :x, #b = if_not_exists(#b, :y) REMOVE #c ADD #d :z';

describe('remembered expressions', () => {
  it.each([
    ['a condition', conditionParser, condition, { ':x': { N: '1' }, ':y': { S: 'b' } }],
    ['a condition with other values', conditionParser, condition, { ':x': { N: '2' }, ':y': { S: 'c' } }],
    ['one with another type', conditionParser, condition, { ':x': { S: '2' }, ':y': { S: 'c' } }],
    ['one with a wrong type', conditionParser, condition, { ':x': { N: '2' }, ':y': { N: '1' } }],
    ['one with a value too many', conditionParser, '#a = :x', { ':x': { N: '2' }, ':y': { N: '1' } }],
    ['one without its value', conditionParser, '#a = :x', { ':y': { N: '2' } }],
    ['an error of syntax', conditionParser, '#a = = :x', { ':x': { N: '2' } }],
    ['bounds in order', conditionParser, '#a BETWEEN :x AND :y', { ':x': { S: 'a' }, ':y': { S: 'b' } }],
    ['bounds out of order', conditionParser, '#a BETWEEN :x AND :y', { ':x': { S: 'b' }, ':y': { S: 'a' } }],
    [
      'an update',
      updateParser,
      update,
      { ':x': { M: { k: { S: '1' } } }, ':y': { L: [] }, ':z': { N: '1' } },
    ],
    [
      'its other values',
      updateParser,
      update,
      { ':x': { M: {} }, ':y': { L: [{ S: '' }] }, ':z': { N: '2' } },
    ],
    ['a set in it', updateParser, update, { ':x': { S: '' }, ':y': { S: '' }, ':z': { SS: ['1', '2'] } }],
  ])('%s is parsed like the first time', (_, pristine, text, values) => {
    const names = { '#a': 'a', '#b': 'b', '#c': 'c', '#d': 'd' };
    const parser = remembering(pristine);
    // The values of an earlier request, with the same types.
    for (const earlier of [
      { ':x': { N: '9' }, ':y': { S: 'z' } },
      { ':x': { S: 'a' }, ':y': { S: 'z' } },
      { ':x': { M: { q: { N: '9' } } }, ':y': { L: [{ N: '9' }] }, ':z': { N: '9' } },
      { ':x': { S: 'old' }, ':y': { S: 'old' }, ':z': { SS: ['old'] } },
    ]) {
      parsed(parser, text, earlier, names);
    }
    const first = parsed(pristine, text, values, names);
    expect(parsed(parser, text, values, names)).toEqual(first);
    expect(parsed(parser, text, values, names)).toEqual(first);
  });

  it('parses an expression once, though its values change', () => {
    const parser = remembering(conditionParser);
    for (const N of ['1', '2', '3']) parsed(parser, '#a = :x', { ':x': { N } }, { '#a': 'a' });
    expect(parser.parsed).toBe(1);
    parsed(parser, '#a = :x', { ':x': { N: '1' } }, { '#a': 'renamed' });
    expect(parser.parsed).toBe(2);
  });

  it('returns trees that their user may change', () => {
    const parser = remembering(updateParser);
    const next = () => parsed(parser, 'SET #a = :x', { ':x': { S: 'new' } }, { '#a': 'a' });
    const first = next();
    const second = next();
    Object.assign(second.tree as object, { paths: [] });
    expect(next()).toEqual(first);
  });
});
