import { chmod, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { serveOverHttp } from './harness/git-http-server.ts';
import { makeRepository } from './harness/git-repository.ts';
import { runRunner } from './harness/run-runner.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function servedRepository(options: Parameters<typeof serveOverHttp>[1] = {}) {
  const repository = await makeRepository();
  const server = await serveOverHttp(repository, options);
  closing.push(server.close);
  return { repository, server, sha: await repository.git('rev-parse', 'HEAD') };
}

describe('a redirect of the repository’s server', () => {
  async function movedRepository(host: string) {
    let target = '';
    const served = await servedRepository({
      credentials: { username: 'x', password: 'token' },
      movedTo: () => target,
    });
    target = served.server.url.replace('127.0.0.1', host);
    const url = new URL('/old.git', served.server.url).href;
    const auth = { kind: 'basic', username: 'x', password: 'token' } as const;
    const source = { kind: 'git', url, branch: 'main', sha: served.sha, auth } as const;
    return { ...served, run: await runRunner({ source, command: 'git rev-parse HEAD' }) };
  }

  it('is followed within its host, as for a renamed repository', async () => {
    const { run, sha } = await movedRepository('127.0.0.1');
    expect(run.lines).toEqual([sha]);
  });

  it('is not followed to another host', async () => {
    const { run } = await movedRepository('localhost');
    expect(run.result).toMatchObject({
      outcome: 'errored',
      error: { code: 'source_refused', message: expect.stringContaining('redirects to localhost:') },
    });
  });
});

describe('a checkout from git', () => {
  it('has exactly the commit, even if the branch has moved on', async () => {
    const repository = await makeRepository({ 'version.txt': 'one\n' });
    const sha = await repository.git('rev-parse', 'HEAD');
    await repository.commit({ 'version.txt': 'two\n' });
    const source = { kind: 'git', url: repository.url, branch: 'main', sha } as const;
    const run = await runRunner({ source, command: 'cat version.txt; git log --format=%H' });
    expect(run.lines).toEqual(['one', sha]);
    expect(run.result.sha).toBe(sha);
  });

  it('has the head of the branch if the job names no commit', async () => {
    const repository = await makeRepository();
    await repository.git('checkout', '--quiet', '-b', 'feature/login');
    const sha = await repository.commit({ 'login.txt': 'here\n' });
    const source = { kind: 'git', url: repository.url, branch: 'feature/login' } as const;
    const run = await runRunner({ source, command: 'cat login.txt; echo $BERTH_SHA' });
    expect(run.lines).toEqual(['here', sha]);
    expect(run.result.sha).toBe(sha);
  });

  it('fetches one commit and no tags', async () => {
    const repository = await makeRepository();
    const sha = await repository.commit({ 'a.txt': 'a' });
    await repository.git('tag', 'v1');
    const source = { kind: 'git', url: repository.url, branch: 'main', sha } as const;
    const run = await runRunner({
      source,
      command: 'git rev-list --all --count; git tag | wc -l; git rev-list HEAD',
    });
    expect(run.lines).toEqual(['1', '0', sha]);
  });

  it('is found through the branch if the server does not serve commits by ID', async () => {
    const { repository, server } = await servedRepository({ oldProtocol: true });
    await repository.git('config', 'uploadpack.allowAnySHA1InWant', 'false');
    const sha = await repository.commit({ 'a.txt': 'wanted\n' });
    await repository.commit({ 'a.txt': 'newer\n' });
    const source = { kind: 'git', url: server.url, branch: 'main', sha } as const;
    const run = await runRunner({ source, command: 'cat a.txt' });
    expect(run.lines).toEqual(['wanted']);
  });

  it('is found through the ref of the job, as for a pull request', async () => {
    const { repository, server } = await servedRepository({ oldProtocol: true });
    await repository.git('checkout', '--quiet', '--detach');
    const sha = await repository.commit({ 'a.txt': 'from a fork\n' });
    await repository.commit({ 'a.txt': 'newer\n' });
    await repository.git('update-ref', 'refs/pull/7/head', 'HEAD');
    const source = { kind: 'git', url: server.url, branch: 'patch-1', ref: 'refs/pull/7/head', sha } as const;
    const run = await runRunner({ source, command: 'cat a.txt' });
    expect(run.lines).toEqual(['from a fork']);
  });

  it('names the repository as the remote origin', async () => {
    const { server, sha } = await servedRepository();
    const source = { kind: 'git', url: server.url, branch: 'main', sha } as const;
    const run = await runRunner({ source, command: 'git remote get-url origin' });
    expect(run.lines).toEqual([server.url]);
  });
});

describe('the traces of checkout credentials', () => {
  const credentials = { username: 'x-access-token', password: 'ghs_topsecret' };
  /** Written so that it does not find itself. */
  const search = [
    'env',
    'cat .git/config .git/FETCH_HEAD || true',
    'grep -r [t]opsecret .git .. || true',
    'for file in /proc/[0-9]*/cmdline; do tr "\\0" " " < $file 2>/dev/null; echo; done | grep [t]opsecret || true',
  ].join('\n');

  it('are none for a token', async () => {
    const { server, sha } = await servedRepository({ credentials });
    const auth = { kind: 'basic', ...credentials } as const;
    const source = { kind: 'git', url: server.url, branch: 'main', sha, auth } as const;
    const run = await runRunner({ source, command: search });
    expect(run.result.outcome).toBe('succeeded');
    expect(server.authorizations.length).toBeGreaterThan(0);
    expect(run.output.toString()).not.toContain('topsecret');
    expect(run.lines.join('\n')).not.toContain('***');
  });

  it('are none for a token in the URL', async () => {
    const { server, sha } = await servedRepository({ credentials });
    const url = server.url.replace('http://', 'http://x-access-token:ghs_topsecret@');
    const source = { kind: 'git', url, branch: 'main', sha } as const;
    const run = await runRunner({ source, command: search });
    expect(run.result.outcome).toBe('succeeded');
    expect(run.lines.join('\n')).not.toMatch(/topsecret|\*\*\*/);
  });

  it('are none for an ssh key', async () => {
    const repository = await makeRepository({ 'a.txt': 'over ssh\n' });
    const bin = await mkdtemp(join(tmpdir(), 'berth-test-bin-'));
    // Replaces ssh: runs the remote command here, and records its arguments.
    await writeFile(
      join(bin, 'ssh'),
      `#!/bin/sh
echo "$@" > ${bin}/arguments
while [ $# -gt 1 ]; do
  if [ "$1" = -i ]; then cp -p "$2" ${bin}/key; fi
  shift
done
exec sh -c "$1"
`,
    );
    await chmod(join(bin, 'ssh'), 0o755);
    const auth = {
      kind: 'ssh',
      privateKey: 'KEY topsecret',
      knownHosts: 'example.com ssh-ed25519 AAAA',
    } as const;
    const url = `ssh://git@example.com${repository.directory}`;
    const source = { kind: 'git', url, branch: 'main', auth } as const;
    const command = `cat a.txt; ${search}; ls -A ../runner`;
    const run = await runRunner({ source, command }, { env: { PATH: `${bin}:${process.env.PATH}` } });

    expect(run.lines[0]).toBe('over ssh');
    expect(run.lines.slice(1).join('\n')).not.toMatch(/topsecret|\*\*\*|ssh$/m);
    expect(await readFile(join(bin, 'key'), 'utf8')).toBe('KEY topsecret\n');
    expect(await readFile(join(bin, 'arguments'), 'utf8')).toMatch(/StrictHostKeyChecking=yes/);
  });
});

describe('a checkout that fails', () => {
  const unknownSha = 'a'.repeat(40);

  it('reports an unknown repository', async () => {
    const source = { kind: 'git', url: 'file:///nowhere/at/all', branch: 'main' } as const;
    const run = await runRunner({ source });
    expect(run.exitCode).toBe(70);
    expect(run.result).toMatchObject({
      outcome: 'errored',
      exitCode: null,
      error: { code: 'repository_not_found' },
    });
    expect(run.ownLines.at(-1)).toContain('The repository does not exist');
  });

  it('reports an unknown repository on a server', async () => {
    const { server } = await servedRepository();
    const source = { kind: 'git', url: `${server.url}-gone`, branch: 'main' } as const;
    const run = await runRunner({ source });
    expect(run.result.error?.code).toBe('repository_not_found');
  });

  it('reports an unknown branch', async () => {
    const repository = await makeRepository();
    const run = await runRunner({ source: { kind: 'git', url: repository.url, branch: 'gone' } });
    expect(run.result.error?.code).toBe('branch_not_found');
  });

  it.each([false, true])('reports an unknown commit (old protocol: %s)', async (oldProtocol) => {
    const { server } = await servedRepository({ oldProtocol });
    const run = await runRunner({
      source: { kind: 'git', url: server.url, branch: 'main', sha: unknownSha },
    });
    expect(run.result.error?.code).toBe('commit_not_found');
  });

  it('reports rejected credentials', async () => {
    const { server } = await servedRepository({ credentials: { username: 'a', password: 'right' } });
    const auth = { kind: 'basic', username: 'a', password: 'wrong-topsecret' } as const;
    const run = await runRunner({ source: { kind: 'git', url: server.url, branch: 'main', auth } });
    expect(run.result.error?.code).toBe('authentication_refused');
    expect(JSON.stringify(run.result) + run.output).not.toContain('topsecret');
  });

  it('reports missing credentials, and does not prompt', async () => {
    const { server } = await servedRepository({ credentials: { username: 'a', password: 'right' } });
    const run = await runRunner({ source: { kind: 'git', url: server.url, branch: 'main' } });
    expect(run.result.error?.code).toBe('authentication_refused');
  });

  it('reports an unreachable server', async () => {
    const { server } = await servedRepository();
    await server.close();
    const run = await runRunner({ source: { kind: 'git', url: server.url, branch: 'main' } });
    expect(run.result.error?.code).toBe('source_unreachable');
  });

  it.each([
    'ext::sh -c "touch /tmp/owned"',
    'fd::3',
    'git://example.com/a',
    '--upload-pack=touch owned',
    'ssh://-oProxyCommand=touch/x',
    '',
  ])('rejects the URL %j', async (url) => {
    const run = await runRunner({ source: { kind: 'git', url, branch: 'main' } });
    expect(run.result.error?.code).toBe('source_refused');
  });
});

describe('a branch whose name is hostile', () => {
  const names = [
    '--upload-pack=touch owned',
    '-b',
    '../../etc',
    'a..b',
    'a b',
    'a:refs/heads/b',
    '+main',
    'x\ny',
    'a*',
    'ma\u0000in',
    '$(touch owned)',
    '@{u}',
    'x'.repeat(5_000),
  ];

  it.each(names)('is plain data: %j', async (branch) => {
    const repository = await makeRepository();
    const run = await runRunner({ source: { kind: 'git', url: repository.url, branch } });
    expect(run.result.error?.code).toBe('branch_not_found');
  });

  it.each(names.filter((name) => !name.includes('\u0000')))(
    'has no effect if the commit is named, and reaches the command unchanged: %j',
    async (branch) => {
      const repository = await makeRepository();
      const sha = await repository.git('rev-parse', 'HEAD');
      const command = 'printf %s "$BERTH_BRANCH" | base64 -w 0; ls';
      const run = await runRunner({ source: { kind: 'git', url: repository.url, branch, sha }, command });
      expect(run.lines.join('\n')).toBe(`${Buffer.from(branch).toString('base64')}README.md`);
    },
  );

  it('is checked out if git allows it', async () => {
    const repository = await makeRepository();
    const branch = '機能/ünï-$(id)-;&|"\'`#!';
    await repository.git('checkout', '--quiet', '-b', branch);
    const sha = await repository.commit({ 'a.txt': 'a' });
    const run = await runRunner({ source: { kind: 'git', url: repository.url, branch } });
    expect(run.result.sha).toBe(sha);
  });
});

describe('the contents of a checkout besides the commit', () => {
  async function repositoryWithHistory() {
    const module = await makeRepository({ 'module.txt': 'in the module\n' });
    const repository = await makeRepository();
    await repository.git('tag', 'v1.0.0');
    await repository.commit({ 'a.txt': 'a' });
    await repository.git('-c', 'protocol.file.allow=always', 'submodule', 'add', module.url, 'libs/module');
    const sha = await repository.commit({ 'packages/shop/name.txt': 'shop\n' });
    return { repository, source: { kind: 'git', url: repository.url, branch: 'main', sha } as const };
  }
  const look = 'git rev-list --count HEAD; git tag; ls libs/module; pwd';

  it('is nothing by default, with a warning about submodules', async () => {
    const { source } = await repositoryWithHistory();
    const run = await runRunner({ source, command: 'git rev-list --count HEAD; git tag; ls libs/module' });
    expect(run.lines).toEqual(['1']);
    expect(run.result.warnings).toEqual([
      { code: 'submodules_left_out', message: expect.stringContaining('submodules: true') },
    ]);
    expect(run.ownLines).toContainEqual(expect.stringContaining('Warning: The repository has submodules'));
  });

  it('are what the job requests: submodules, history, tags, and a directory', async () => {
    const { source } = await repositoryWithHistory();
    const checkout = { submodules: true, fetchDepth: 2, tags: true };
    const some = await runRunner({ source, checkout, command: look });
    expect(some.lines.slice(0, 3)).toEqual(['2', 'v1.0.0', 'module.txt']);
    expect(some.result.warnings).toEqual([]);

    const all = await runRunner({
      source,
      checkout: { fetchDepth: 0, submodules: 'recursive', path: 'packages/shop' },
      command: 'git rev-list --count HEAD; git describe --tags; git branch --remotes; cat name.txt',
    });
    expect(all.lines).toEqual(['3', expect.stringMatching(/^v1.0.0-2-g/), '  origin/main', 'shop']);
  });

  it('is an error where the directory is not there', async () => {
    const { source } = await repositoryWithHistory();
    const { result } = await runRunner({ source, checkout: { path: 'none' }, command: 'true' });
    expect(result).toMatchObject({ outcome: 'errored', error: { code: 'directory_not_found' } });
  });

  it('is an error where a submodule cannot be fetched', async () => {
    const repository = await makeRepository({
      '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = file:///nowhere\n',
    });
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${'1'.repeat(40)},x`);
    await repository.git('commit', '--quiet', '--message', 'module');
    const source = { kind: 'git', url: repository.url, branch: 'main' } as const;
    const { result } = await runRunner({ source, checkout: { submodules: true }, command: 'true' });
    expect(result).toMatchObject({ outcome: 'errored', error: { code: 'submodules_failed' } });
  });

  it('has a warning about files of Git LFS', async () => {
    const repository = await makeRepository({
      '.gitattributes': '*.bin filter=lfs diff=lfs merge=lfs -text\n',
    });
    const source = { kind: 'git', url: repository.url, branch: 'main' } as const;
    const { result } = await runRunner({ source, command: 'true' });
    expect(result.warnings).toEqual([
      { code: 'lfs_left_out', message: expect.stringContaining('lfs: true') },
    ]);
  });
});
