import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { githubArchives } from '../../../../app/adapters/github/archived-sources.ts';
import type { Sources } from '../../../../app/ports/sources.ts';
import { checkoutArchive } from '../../../../runner-image/src/source/archive-checkout.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { githubAppAt } from '../../../helpers/github-app-at.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../../helpers/github-stand-in/state.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../../helpers/temporary-directory.ts';

describe('the source of a run on GitHub, for a task without access to it', () => {
  let standIn: GithubStandIn;
  let repository: RepositoryState;
  let directory: TemporaryDirectory;
  let sources: Sources;

  beforeEach(async () => {
    standIn = await startGithubStandIn();
    repository = await standIn.addRepository({ name: 'shop', files: { 'src/a.ts': 'first' } });
    directory = await temporaryDirectory();
    const pathOf = (key: string) => join(directory.path, key.replaceAll('/', '_'));
    sources = githubArchives({
      github: await githubAppAt(standIn),
      objects: {
        put: async (key, body) => writeFile(pathOf(key), body),
        grant: async ({ key, method, ttlSeconds }) =>
          `${pathToFileURL(pathOf(key))}?${new URLSearchParams({ method, ttl: String(ttlSeconds) })}`,
      },
      others: { resolve: async () => ({ source: gitSource, secretEnv: {} }) },
      ttlSeconds: 60,
    });
  });
  afterEach(async () => {
    await standIn.close();
    await directory.remove();
  });
  const gitSource = { kind: 'git', url: 'https://git.example/shop.git', branch: 'main' } as const;
  const runOf = (sha: string) =>
    aRun({
      sha,
      github: {
        repositoryId: repository.id,
        installationId: 77,
        owner: 'octo-org',
        repo: 'shop',
        headSha: sha,
      },
    });

  it('is an archive of its commit, which the runner unpacks', async () => {
    const sha = (await repository.git.resolve('main')) ?? '';
    await repository.git.commit('main', { 'src/a.ts': 'second' });
    const { source } = await sources.resolve(runOf(sha));
    expect(source).toMatchObject({ kind: 'archive', sha, headers: {} });
    expect(new URL(source.url).search).toBe('?method=GET&ttl=60');
    if (source.kind !== 'archive') throw new Error('no archive');
    const checkout = join(directory.path, 'checkout');
    await checkoutArchive(source, {
      directory: checkout,
      privateDirectory: directory.path,
      env: {},
      signal: new AbortController().signal,
      checkout: {},
    });
    expect(await readFile(join(checkout, 'src/a.ts'), 'utf8')).toBe('first');
  });

  it('has a hint if GitHub returns none', async () => {
    const run = runOf('0'.repeat(40));
    await expect(sources.resolve(run)).rejects.toMatchObject({
      code: 'launch_failed',
      message: expect.stringContaining('0'.repeat(40)),
    });
  });

  it('is left to other sources if the run is not from GitHub', async () => {
    expect((await sources.resolve(aRun())).source).toEqual(gitSource);
  });
});
