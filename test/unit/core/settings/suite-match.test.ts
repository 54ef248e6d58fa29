import { describe, expect, it } from '@jest/globals';
import { matchesInOrder, whySkipped } from '../../../../app/core/settings/suite-match.ts';

const suite = { command: 'x' };
const change = { targetBranch: 'main', isDraft: false, changedFiles: ['src/a.ts', 'docs/b.md'] };

describe('whether a suite runs for a change', () => {
  it('runs where nothing is said', () => {
    expect(whySkipped(suite, change)).toBeUndefined();
  });
  it('runs where one changed file is of its paths', () => {
    expect(whySkipped({ ...suite, paths: ['src/**'] }, change)).toBeUndefined();
    expect(whySkipped({ ...suite, paths: ['lib/**'] }, change)).toMatch(/No changed file/);
  });
  it('does not run where all changed files are ignored', () => {
    expect(whySkipped({ ...suite, 'paths-ignore': ['**/*.md'] }, change)).toBeUndefined();
    expect(whySkipped({ ...suite, 'paths-ignore': ['**/*.md', 'src/**'] }, change)).toMatch(
      /Every changed file/,
    );
  });
  it('does not count an ignored file as one of its paths', () => {
    expect(whySkipped({ ...suite, paths: ['docs/**'], 'paths-ignore': ['**/*.md'] }, change)).toMatch(
      /No changed file/,
    );
  });
  it('runs where nobody can tell what changed', () => {
    expect(
      whySkipped({ ...suite, paths: ['lib/**'] }, { ...change, changedFiles: undefined }),
    ).toBeUndefined();
  });
  it('goes by the branch', () => {
    expect(whySkipped({ ...suite, branches: ['release/*'] }, change)).toMatch(/branch main/);
    expect(
      whySkipped({ ...suite, branches: ['release/*'] }, { ...change, targetBranch: 'release/2' }),
    ).toBeUndefined();
  });
  it('tests drafts unless told not to', () => {
    expect(whySkipped(suite, { ...change, isDraft: true })).toBeUndefined();
    expect(whySkipped({ ...suite, drafts: false }, { ...change, isDraft: true })).toMatch(/draft/);
  });
});

describe('globs', () => {
  it.each([
    [['*.js'], 'a.js', true],
    [['*.js'], 'src/a.js', false],
    [['**/*.js'], 'src/a.js', true],
    [['**'], '.github/x.yml', true],
    [['src/**', '!src/generated/**'], 'src/generated/a.ts', false],
    [['!docs/**', 'docs/keep.md'], 'docs/keep.md', true],
    [['!docs/**'], 'src/a.ts', true],
  ])('%j on %s: %s', (patterns, name, expected) => {
    expect(matchesInOrder(patterns, name)).toBe(expected);
  });
});
