import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { guessOfCommit, readCheckout, remoteOf } from '../../../app/cli/checkout.ts';
import { localGit } from '../../../app/cli/git.ts';

const git = localGit(process.env);
let directory: string;

function run(...args: string[]): string {
  const identity = [
    '-c',
    'user.name=Test',
    '-c',
    'user.email=test@localhost',
    '-c',
    'init.defaultBranch=main',
  ];
  return execFileSync('git', [...identity, ...args], { cwd: directory, encoding: 'utf8' }).trim();
}

function commit(files: Record<string, string>, message: string): string {
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(directory, name), text);
  run('add', '--all');
  run('commit', '--quiet', '--allow-empty', '--message', message);
  return run('rev-parse', 'HEAD');
}

beforeEach(() => {
  directory = realpathSync(mkdtempSync(path.join(tmpdir(), 'berth checkout ')));
});
afterEach(() => {
  rmSync(directory, { recursive: true, force: true });
});

describe('the checkout of the current directory', () => {
  it('does not exist outside a repository', async () => {
    expect(await readCheckout(git, directory)).toBeUndefined();
  });

  it('has its branch and head, and reports uncommitted changes', async () => {
    run('init', '--quiet');
    const sha = commit({ 'a.txt': 'a' }, 'feat: begin');
    const clean = {
      root: directory,
      directory: '',
      branch: 'main',
      sha,
      subject: 'feat: begin',
      isDirty: false,
    };
    expect(await readCheckout(git, directory)).toEqual(clean);
    writeFileSync(path.join(directory, 'b.txt'), 'b');
    expect(await readCheckout(git, directory)).toEqual({ ...clean, isDirty: true });
  });

  it('names a detached HEAD by the branch that points at it, otherwise by its commit', async () => {
    run('init', '--quiet');
    const first = commit({}, 'one');
    run('checkout', '--quiet', '--detach');
    expect(await readCheckout(git, directory)).toMatchObject({ branch: 'main', sha: first });
    const second = commit({}, 'two');
    expect(await readCheckout(git, directory)).toMatchObject({ branch: second.slice(0, 7), sha: second });
    run('branch', 'one');
    run('branch', 'other');
    expect(await readCheckout(git, directory)).toMatchObject({ branch: second.slice(0, 7), sha: second });
  });

  it('is another branch or commit if one is named', async () => {
    run('init', '--quiet');
    const first = commit({}, 'one');
    run('branch', 'other');
    const second = commit({}, 'two');
    expect(await readCheckout(git, directory, { branch: 'other' })).toMatchObject({
      branch: 'other',
      sha: first,
    });
    expect(await readCheckout(git, directory, { sha: first.slice(0, 8) })).toMatchObject({
      branch: 'main',
      sha: first,
    });
    expect(await readCheckout(git, directory, { sha: 'main' })).toMatchObject({ sha: second });
  });

  it.each([
    [{ branch: 'gone' }, 'no branch gone'],
    [{ branch: 'main~0' }, 'no branch main~0'],
    [{ branch: '--all' }, 'no branch --all'],
    [{ sha: 'deadbeef' }, 'no commit deadbeef'],
    [{ sha: '--upload-pack=x\n' }, 'no commit --upload-pack=x\\n'],
  ])('is rejected for %j', async (choice, reason) => {
    run('init', '--quiet');
    commit({}, 'one');
    await expect(readCheckout(git, directory, choice)).rejects.toThrow(reason);
  });

  it('must have a commit', async () => {
    run('init', '--quiet');
    await expect(readCheckout(git, directory)).rejects.toThrow('has no commit yet');
  });
});

describe('the guess for a commit', () => {
  it('uses committed files, not the working tree', async () => {
    run('init', '--quiet');
    const sha = commit({ 'package.json': '{"scripts":{"test":"node --test"}}' }, 'one');
    writeFileSync(path.join(directory, 'package.json'), '{}');
    writeFileSync(path.join(directory, 'package-lock.json'), '{}');
    expect(await guessOfCommit(git, { root: directory, directory: '', sha })).toMatchObject({
      command: 'npm test',
    });
    const later = commit({}, 'two');
    expect(await guessOfCommit(git, { root: directory, directory: '', sha: later })).toBeUndefined();
  });

  it('starts in the current directory', async () => {
    run('init', '--quiet');
    mkdirSync(path.join(directory, 'tools/lint/src'), { recursive: true });
    commit(
      { 'package.json': '{"scripts":{"test":"node --test"}}', 'tools/lint/go.mod': 'module lint' },
      'one',
    );
    const guessIn = async (from: string) => {
      const checkout = await readCheckout(git, path.join(directory, from));
      return checkout && guessOfCommit(git, checkout);
    };
    const nested = {
      command: 'cd tools/lint && go test -json ./...',
      because: 'in tools/lint, there is a go.mod',
    };
    expect(await guessIn('tools/lint')).toMatchObject(nested);
    expect(await guessIn('tools/lint/src')).toMatchObject(nested);
    expect(await guessIn('tools')).toMatchObject({ command: 'npm test' });
  });
});

describe('the remote of a checkout', () => {
  it('is origin, without credentials from its URL', async () => {
    run('init', '--quiet');
    const sha = commit({}, 'one');
    expect(await remoteOf(git, { root: directory, sha })).toBeUndefined();
    run('remote', 'add', 'origin', 'https://me:secret@git.example/o/r.git');
    expect(await remoteOf(git, { root: directory, sha })).toEqual({
      url: 'https://git.example/o/r.git',
      hasCommit: false,
    });
  });

  it('has the commit after a push', async () => {
    run('init', '--quiet');
    const sha = commit({}, 'one');
    run('init', '--quiet', '--bare', 'remote.git');
    run('remote', 'add', 'origin', path.join(directory, 'remote.git'));
    run('push', '--quiet', 'origin', 'main');
    expect(await remoteOf(git, { root: directory, sha })).toMatchObject({ hasCommit: true });
    const later = commit({ 'a.txt': 'a' }, 'two');
    expect(await remoteOf(git, { root: directory, sha: later })).toMatchObject({ hasCommit: false });
  });
});
