import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGitRepository, type GitRepository } from '../../helpers/github-stand-in/git-repository.ts';
import { memoryGit } from '../../helpers/github-stand-in/memory-git.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';

describe.each([
  ['git', createGitRepository],
  ['memory', memoryGit],
])('a repository of the GitHub stand-in, in %s', (_name, create) => {
  let directory: TemporaryDirectory;
  let git: GitRepository;
  let first: string;
  beforeEach(async () => {
    directory = await temporaryDirectory();
    git = await create(directory.path);
    first = await git.commit('main', { 'a.txt': 'a', 'src/b.txt': 'b' });
  });
  afterEach(() => directory.remove());

  it('knows branches, references and commits by name', async () => {
    const second = await git.commit('topic', { 'c.txt': 'c' }, { from: 'main' });
    await git.setRef('refs/pull/1/head', second);
    expect(await Promise.all(['main', 'HEAD', first, 'refs/heads/main'].map(git.resolve))).toEqual(
      Array(4).fill(first),
    );
    expect(await git.resolve('refs/pull/1/head')).toBe(second);
    expect(await git.listBranches()).toEqual([
      { name: 'main', sha: first },
      { name: 'topic', sha: second },
    ]);
    await git.deleteRef('refs/heads/topic');
    expect(await git.resolve('topic')).toBeUndefined();
    expect(await git.resolve('0'.repeat(40))).toBeUndefined();
    await expect(git.setRef('refs/heads/x', '0123456789'.repeat(4))).rejects.toThrow();
  });

  it('has the files of each commit', async () => {
    await git.commit('topic', { 'a.txt': null, 'c.txt': 'c' }, { from: 'main' });
    expect(await git.listFiles('topic')).toEqual(['c.txt', 'src/b.txt']);
    expect(await git.listFiles('main')).toEqual(['a.txt', 'src/b.txt']);
    expect([await git.readFile('topic', 'src/b.txt'), await git.readFile('topic', 'a.txt')]).toEqual([
      'b',
      undefined,
    ]);
  });

  it('compares a branch with where it began', async () => {
    const topic = await git.commit('topic', { 'c.txt': 'c', 'a.txt': null }, { from: 'main' });
    const main = await git.commit('main', { 'd.txt': 'd' });
    expect(await git.changedFiles('main', 'topic')).toEqual(['a.txt', 'c.txt']);
    expect(await git.isAncestor(first, topic)).toBe(true);
    expect(await git.isAncestor(topic, main)).toBe(false);
    const forced = await git.commit('topic', { 'e.txt': 'e' }, { from: first, force: true });
    expect(await git.isAncestor(topic, forced)).toBe(false);
    expect(await git.listFiles('topic')).toEqual(['a.txt', 'e.txt', 'src/b.txt']);
  });
});
