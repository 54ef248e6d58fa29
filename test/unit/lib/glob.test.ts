import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileGlob, compileGlobs, expandBraces, GlobError, globLimits } from '../../../app/lib/glob.ts';

describe('a glob', () => {
  it.each([
    ['*.xml', 'a.xml', true],
    ['*.xml', 'a/b.xml', false],
    ['**/*.xml', 'b.xml', true],
    ['**/*.xml', 'a/b/c.xml', true],
    ['**/*.xml', '/c.xml', false],
    ['a/**', 'a/b/c', true],
    ['a/**', 'a', false],
    ['a/**/b', 'a/b', true],
    ['a/**/b', 'a/x/y/b', true],
    ['a/**/b', 'axb', false],
    ['**', 'a/b', true],
    ['a**', 'ab', true],
    ['a**', 'a/b', true],
    ['**.js', 'src/js/app.js', true],
    ['**/*src/**', 'my-src/code/app.js', true],
    ['v[0-9]+.[0-9]+', 'v12.40', true],
    ['v[0-9]+.[0-9]+', 'v12.', false],
    ['[a]+', '/', false],
    ['release/*', 'release/1', true],
    ['release/*', 'release/1/2', false],
    ['v?.0', 'v1.0', true],
    ['v?.0', 'v12.0', false],
    ['[a-c]x', 'bx', true],
    ['[!a-c]x', 'bx', false],
    ['[]]x', ']x', true],
    ['[a', '[a', true],
    ['{a,b}/*.{js,ts}', 'b/c.ts', true],
    ['{a,b{1,2}}.x', 'b2.x', true],
    ['{a,b{1,2}}.x', 'b.x', false],
    ['{a}', '{a}', true],
    ['{a', '{a', true],
    ['\\*', '*', true],
    ['\\*', 'a', false],
    ['*', '.hidden', true],
    ['a+(b)', 'a+(b)', true],
    ['a.c', 'abc', false],
    ['*', '', true],
    ['**/a', 'ba', false],
    ['😀?', '😀😀', true],
  ])('%s on %s: %s', (pattern, text, expected) => {
    expect(compileGlob(pattern)(text)).toBe(expected);
  });

  it('matches what it says literally, whatever the characters are', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (text) => {
        const escaped = text.replace(/[\\*?[\]{},!]/g, '\\$&');
        expect(compileGlob(escaped)(text)).toBe(true);
      }),
    );
  });

  it('takes steps in proportion to the text, whatever the pattern is', () => {
    const matches = compileGlob(`${'*a'.repeat(40)}b`);
    // A matcher that backtracks would take longer than the age of the universe.
    expect(matches('a'.repeat(20_000))).toBe(false);
    expect(compileGlob(`${'**/'.repeat(100)}b`)('a/'.repeat(5_000))).toBe(false);
  });

  it('has limits', () => {
    expect(() => compileGlob('a'.repeat(globLimits.patternLength + 1))).toThrow(GlobError);
    expect(() => expandBraces('{a,b}'.repeat(20))).toThrow(/more than 200 alternatives/);
    expect(() => compileGlobs(Array.from({ length: 201 }, () => 'a'))).toThrow(GlobError);
    expect(() => compileGlobs(Array.from({ length: 41 }, () => 'a'.repeat(500)))).toThrow(/20500 characters/);
  });

  it('stop when their budget is used up', () => {
    const budget = { steps: 1_000 };
    const matches = compileGlob('*a*a*b*');
    expect(matches('a'.repeat(50), budget)).toBe(false);
    expect(budget.steps).toBeLessThan(1_000);
    expect(() => matches(`${'a'.repeat(5_000)}b`, budget)).toThrow(/takes too long/);
  });
});

describe('a list of globs', () => {
  it.each([
    [['**', '!docs/**'], 'docs/a.md', false],
    [['**', '!docs/**', 'docs/api/**'], 'docs/api/a.md', true],
    [['!docs/**'], 'src/a.ts', true],
    [['!docs/**'], 'docs/a.md', false],
    [[], 'a', true],
  ])('%s on %s: %s', (patterns, text, expected) => {
    expect(compileGlobs(patterns)(text)).toBe(expected);
  });
});
