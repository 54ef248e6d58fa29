import { spawnSync } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkBranchName, whyNotBranchName } from '../../../../app/core/model/branch-name.ts';
import { anyCharacter } from '../../../helpers/any-character.ts';
import { cases } from '../../../helpers/cases.ts';

/** Git's own word on a name. */
function gitAccepts(name: string): boolean {
  return spawnSync('git', ['check-ref-format', '--branch', name]).status === 0;
}

/** Names made of what the rules are about: among random letters they would hardly come up. */
const piece = fc.constantFrom(
  'a',
  'main',
  '/',
  '.',
  '..',
  '.lock',
  '-',
  '@',
  '{',
  '@{',
  '~',
  '^',
  ':',
  '?',
  '*',
  '[',
  '\\',
  ' ',
  '\n',
  '\t',
  '\x7f',
  'é',
  '分支',
  'HEAD',
  '🚢',
);
// git resolves `@` to HEAD, which does not show whether a branch has that name.
const nameLike = fc
  .array(piece, { maxLength: 6 })
  .map((pieces) => pieces.join(''))
  .filter((name) => name !== '@');

describe('whyNotBranchName', () => {
  it.each([
    'main',
    'feature/login',
    'dependabot/npm_and_yarn/hono-4.13',
    'größe',
    'a.b',
    'x@y',
    'fix-#12',
    '$(id)',
  ])('accepts %j', (name) => {
    expect(whyNotBranchName(name)).toBeUndefined();
  });

  it.each([
    ['--upload-pack=touch x', 'must not begin with -'],
    ['-b', 'must not begin with -'],
    ['../../etc/passwd', 'must not contain ..'],
    ['main\n--force', 'must not contain control characters'],
    ['main\0', 'must not contain control characters'],
    ['refs/heads/main:refs/heads/other', 'must not contain a space or any of ~ ^ : ? * [ \\'],
    ['a b', 'must not contain a space or any of ~ ^ : ? * [ \\'],
    ['@{-1}', 'must not contain @{'],
    ['.hidden', 'must have no part that begins with . or ends with .lock'],
    ['x.lock/y', 'must have no part that begins with . or ends with .lock'],
    ['a//b', 'must not begin or end with /, or contain //'],
    ['', 'must not be empty'],
    ['HEAD', 'is a name that git uses itself'],
    ['\ud800', 'must be well-formed Unicode'],
    ['é'.repeat(128), 'must not be longer than 255 bytes'],
  ])('rejects %j with a reason', (name, reason) => {
    expect(whyNotBranchName(name)).toBe(reason);
  });

  it('agrees with git for any name that git accepts as an argument', () => {
    fc.assert(
      fc.property(nameLike, (name) => {
        expect(whyNotBranchName(name) === undefined).toBe(gitAccepts(name));
      }),
      { numRuns: cases(15) },
    );
  });

  it('handles any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: anyCharacter }), (name) => {
        const reason = whyNotBranchName(name);
        expect(reason === undefined || reason.length > 0).toBe(true);
      }),
    );
  });
});

describe('checkBranchName', () => {
  it('throws an error with a code, the reason, and the path', () => {
    expect(() => checkBranchName('-x')).toThrow(
      expect.objectContaining({
        code: 'branch_invalid',
        message: 'The branch must not begin with -.',
        details: [{ path: 'branch', message: 'must not begin with -' }],
      }),
    );
  });
});
