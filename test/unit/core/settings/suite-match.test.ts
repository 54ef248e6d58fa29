import { describe, expect, it } from '@jest/globals';
import { whySkipped } from '../../../../app/core/settings/suite-match.ts';

const suite = { command: 'x' };
const change = { targetBranch: 'main', isDraft: false, changedFiles: ['src/a.ts', 'docs/b.md'] };

describe('the match of a suite and a change', () => {
  it('runs without filters', () => {
    expect(whySkipped(suite, change)).toBeUndefined();
  });
  it('runs if a changed file matches its paths', () => {
    expect(whySkipped({ ...suite, paths: ['src/**'] }, change)).toBeUndefined();
    expect(whySkipped({ ...suite, paths: ['lib/**'] }, change)).toMatch(/No changed file/);
  });
  it('does not run if all changed files are ignored', () => {
    expect(whySkipped({ ...suite, 'paths-ignore': ['**/*.md'] }, change)).toBeUndefined();
    expect(whySkipped({ ...suite, 'paths-ignore': ['**/*.md', 'src/**'] }, change)).toMatch(
      /Every changed file/,
    );
  });
  it('does not match an ignored file', () => {
    expect(whySkipped({ ...suite, paths: ['docs/**'], 'paths-ignore': ['**/*.md'] }, change)).toMatch(
      /No changed file/,
    );
  });
  it('runs if the changed files are unknown', () => {
    expect(
      whySkipped({ ...suite, paths: ['lib/**'] }, { ...change, changedFiles: undefined }),
    ).toBeUndefined();
  });
  it('depends on the branch', () => {
    expect(whySkipped({ ...suite, branches: ['release/*'] }, change)).toMatch(/branch main/);
    expect(
      whySkipped({ ...suite, branches: ['release/*'] }, { ...change, targetBranch: 'release/2' }),
    ).toBeUndefined();
  });
  it('tests drafts unless disabled', () => {
    expect(whySkipped(suite, { ...change, isDraft: true })).toBeUndefined();
    expect(whySkipped({ ...suite, drafts: false }, { ...change, isDraft: true })).toMatch(/draft/);
  });
});

describe('patterns that are made to take long', () => {
  const hostile = Array.from({ length: 40 }, () => '*a*a*a*a*a*a*a*a*a*b');

  it('do not: a branch that nearly matches takes no time', () => {
    const skipped = { ...suite, branches: ['*a*a*a*a*a*a*a*a*a*b'] };
    expect(whySkipped(skipped, { ...change, targetBranch: 'a'.repeat(200) })).toMatch(/does not run/);
  });

  it('let the suite run where thousands of files would take too many steps', () => {
    const changedFiles = Array.from({ length: 3_000 }, (_, at) => `${'a'.repeat(200)}${at}`);
    const paths = hostile.map((pattern) => `${pattern}*`);
    expect(whySkipped({ ...suite, paths }, { ...change, changedFiles })).toBeUndefined();
  });
});
