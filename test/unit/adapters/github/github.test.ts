import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createGithub } from '../../../../app/adapters/github/create-github.ts';
import { githubDeployments } from '../../../../app/adapters/github/deployments.ts';
import { githubSources } from '../../../../app/adapters/github/sources.ts';
import { projectId } from '../../../../app/core/model/ids.ts';
import { projectSettingsSchema } from '../../../../app/core/model/project.ts';
import type { Github, RepositoryAddress } from '../../../../app/ports/github.ts';
import { aRun } from '../../../helpers/a-run.ts';
import { githubAppAt, realClock, silentLog } from '../../../helpers/github-app-at.ts';
import { memoryGit } from '../../../helpers/github-stand-in/memory-git.ts';
import {
  type GithubStandIn,
  startGithubStandIn,
} from '../../../helpers/github-stand-in/start-github-stand-in.ts';
import type { RepositoryState } from '../../../helpers/github-stand-in/state.ts';
import { fakeClock } from '../../../helpers/memory-deps.ts';

describe("Berth's GitHub requests", () => {
  let standIn: GithubStandIn;
  let repository: RepositoryState;
  let at: RepositoryAddress;
  let github: Github;

  beforeEach(async () => {
    standIn = await startGithubStandIn({ createGit: memoryGit });
    repository = await standIn.addRepository({
      name: 'shop',
      files: {
        'package.json': '{"scripts":{"test":"jest"}}',
        '.github/berth.yml': 'tags: true\n',
        'src/a.ts': 'a',
      },
      collaborators: { dana: 'write', mo: 'maintain', tri: 'triage' },
    });
    at = { installationId: 77, repositoryId: repository.id, owner: 'octo-org', repo: 'shop' };
    github = createGithub({ github: await githubAppAt(standIn), clock: realClock, log: silentLog });
  });
  afterEach(() => standIn.close());

  it('read a file of a commit, including a missing one', async () => {
    expect(await github.repositories.readFile(at, '.github/berth.yml', 'main')).toBe('tags: true\n');
    expect(await github.repositories.readFile(at, 'none.yml', 'main')).toBeUndefined();
    expect(await github.repositories.readFile({ ...at, repo: 'none' }, 'a', 'main')).toBeUndefined();
  });

  it('read what is needed to detect the test command', async () => {
    const glance = await github.repositories.glance(at, 'main');
    expect(glance.names.has('package.json')).toBe(true);
    expect(glance.texts['package.json']).toContain('jest');
  });

  it('list the changes of a branch', async () => {
    await standIn.people.push(repository, 'topic', { 'docs/x.md': 'x' });
    expect(await github.repositories.changedFiles(at, 'main', 'topic')).toEqual(['docs/x.md']);
    expect(await github.repositories.changedFiles(at, 'f'.repeat(40), 'topic')).toBeUndefined();
  });

  it('list a renamed file under both names', async () => {
    await standIn.people.push(repository, 'topic', { 'src/a.ts': null, 'lib/a.ts': 'a' });
    expect(await github.repositories.changedFiles(at, 'main', 'topic')).toEqual(['lib/a.ts', 'src/a.ts']);
  });

  it('list what a force push removes', async () => {
    const before = await repository.git.commit('topic', { 'docs/x.md': 'x' }, { from: 'main' });
    const after = await repository.git.commit('topic', { 'src/b.ts': 'b' }, { from: 'main', force: true });
    expect(await github.repositories.filesBetween(at, before, after)).toEqual(['src/b.ts', 'docs/x.md']);
    expect(await github.repositories.filesBetween(at, 'main', after)).toEqual(['src/b.ts']);
    expect(await github.repositories.filesBetween(at, 'f'.repeat(40), after)).toBeUndefined();
  });

  it.each([
    ['dana', true],
    ['mo', true],
    ['tri', false],
    ['stranger', false],
  ])('check whether %s may write: %s', async (login, mayWrite) => {
    expect(await github.repositories.mayWrite(at, login)).toBe(mayWrite);
  });

  it('cache a permission for a minute', async () => {
    const clock = fakeClock();
    const own = createGithub({ github: await githubAppAt(standIn), clock, log: silentLog }).repositories;
    await own.mayWrite(at, 'dana');
    repository.collaborators.delete('dana');
    expect(await own.mayWrite(at, 'dana')).toBe(true);
    clock.advance(61);
    expect(await own.mayWrite(at, 'dana')).toBe(false);
  });

  it('read pull requests, and recognize forks', async () => {
    await standIn.people.push(repository, 'topic', { b: 'b' });
    await standIn.people.openPullRequest(repository, { branch: 'topic', draft: true });
    await standIn.people.openPullRequest(repository, { branch: 'topic', fork: 'stranger' });
    const open = await github.pullRequests.listOpen(at);
    expect(open.map((pull) => [pull.number, pull.isFork, pull.isDraft])).toEqual([
      [1, false, true],
      [2, true, false],
    ]);
    const ofBranch = await github.pullRequests.listOpenOfBranch(at, 'topic');
    expect(ofBranch.map((pull) => pull.number)).toEqual([1]);
    expect(await github.pullRequests.get(at, 9)).toBeUndefined();
  });

  it('comment on a pull request once for each key, and react', async () => {
    await standIn.people.push(repository, 'topic', { b: 'b' });
    const pull = await standIn.people.openPullRequest(repository, { branch: 'topic' });
    const comment = await standIn.people.comment(repository, pull, '/stack', { by: 'dana' });
    await github.conversations.react(at, comment.id, 'eyes');
    await github.conversations.reply(at, pull.number, 'delivery-1', 'Hello.');
    await github.conversations.reply(at, pull.number, 'delivery-1', 'Hello.');
    expect(comment.reactions).toEqual(['eyes']);
    expect(repository.comments.map((one) => one.body.split('\n')[0])).toEqual(['/stack', 'Hello.']);
  });

  it('redeliver failed deliveries, except those that arrived later, and none twice', async () => {
    standIn.state.webhookUrl = 'http://127.0.0.1:9/';
    const first = await standIn.webhooks.send('push', { ref: 'a' });
    const second = await standIn.webhooks.send('push', { ref: 'b' });
    standIn.state.deliveries.push({ ...second, id: 9_999, redelivery: true, statusCode: 200 });
    expect(await github.deliveries.redeliverFailed(new Date(Date.now() - 60_000))).toBe(1);
    expect(standIn.state.deliveries.at(-1)).toMatchObject({ guid: first.guid, redelivery: true });
    expect(await github.deliveries.redeliverFailed(new Date(Date.now() + 60_000))).toBe(0);
  });

  it('list the repositories of an installation', async () => {
    expect(await github.repositories.listInstalled(77)).toEqual([
      { ...at, defaultBranch: 'main', isArchived: false },
    ]);
  });
});

describe('the source of a run on GitHub', () => {
  let standIn: GithubStandIn;
  beforeEach(async () => {
    standIn = await startGithubStandIn({ createGit: memoryGit });
  });
  afterEach(() => standIn.close());

  const sourcesOf = async () =>
    githubSources({
      clock: realClock,
      github: await githubAppAt(standIn),
      others: {
        resolve: async () => {
          throw new Error('a run on GitHub is not for others');
        },
      },
    });

  it('has a token for that repository, with read access to contents only', async () => {
    const repository = await standIn.addRepository({ name: 'shop', files: { a: 'a' } });
    const headSha = (await repository.git.resolve('main')) ?? '';
    const run = aRun({
      github: { repositoryId: repository.id, installationId: 77, owner: 'octo-org', repo: 'shop', headSha },
    });
    const { source } = await (await sourcesOf()).resolve(run);
    expect(source).toMatchObject({
      kind: 'git',
      sha: run.sha,
      auth: { kind: 'basic', username: 'x-access-token' },
    });
    const tokens = [...standIn.state.tokens.values()];
    expect(tokens).toEqual([
      {
        repositoryIds: [repository.id],
        permissions: { metadata: 'read', contents: 'read' },
        expires: expect.any(Date),
      },
    ]);
  });

  it('shares its token with others, and has another one when it is launched again', async () => {
    const repository = await standIn.addRepository({ name: 'shop', files: { a: 'a' } });
    const headSha = (await repository.git.resolve('main')) ?? '';
    const github = {
      repositoryId: repository.id,
      installationId: 77,
      owner: 'octo-org',
      repo: 'shop',
      headSha,
    };
    const sources = await sourcesOf();
    const tokenAt = async (launches: number) => {
      const { source } = await sources.resolve(aRun({ github, launches }));
      return source.kind === 'git' && source.auth?.kind === 'basic' ? source.auth.password : '';
    };
    const first = await tokenAt(1);
    expect(await tokenAt(1)).toBe(first);
    expect(await tokenAt(2)).not.toBe(first);
  });

  const modulesOf = (...names: string[]) =>
    names.map((name) => `[submodule "${name}"]\n\turl = git@github.com:octo-org/${name}.git\n`).join('');
  /** Repositories that the token of a run may read, whose commit and default branch have these submodules. */
  const readable = async (inCommit: string, inDefaultBranch: string) => {
    const ids = new Map<number, string>();
    for (const name of ['library', 'payroll']) {
      ids.set((await standIn.addRepository({ name, files: { a: 'a' } })).id, name);
    }
    const shop = await standIn.addRepository({ name: 'shop', files: { '.gitmodules': inDefaultBranch } });
    ids.set(shop.id, 'shop');
    const headSha = await shop.git.commit('topic', { '.gitmodules': inCommit });
    const run = aRun({
      spec: { ...aRun().spec, checkout: { submodules: true } },
      github: { repositoryId: shop.id, installationId: 77, owner: 'octo-org', repo: 'shop', headSha },
    });
    const { source } = await (await sourcesOf()).resolve(run);
    const auth = source.kind === 'git' ? source.auth : undefined;
    const token = auth?.kind === 'basic' ? standIn.state.tokens.get(auth.password) : undefined;
    return token?.repositoryIds?.map((id) => ids.get(id)).sort();
  };

  it('reads private submodules of the same owner', async () => {
    expect(await readable(modulesOf('library'), modulesOf('library'))).toEqual(['library', 'shop']);
  });

  it('does not read a repository that only a branch names as its submodule', async () => {
    const inCommit = modulesOf('library', 'payroll');
    expect(await readable(inCommit, modulesOf('library'))).toEqual(['library', 'shop']);
  });

  it('reads the other submodules if the App is not installed on one', async () => {
    const modules = modulesOf('library', 'public-one');
    expect(await readable(modules, modules)).toEqual(['library', 'shop']);
  });
});

describe('a released stack', () => {
  it('has inactive deployments', async () => {
    const standIn = await startGithubStandIn({ createGit: memoryGit });
    const repository = await standIn.addRepository({ name: 'shop', files: { a: 'a' } });
    const sha = (await repository.git.resolve('main')) ?? '';
    repository.deployments.push(
      { id: 1, sha, ref: sha, environment: 'berth/test-1', payload: {}, statuses: [] },
      { id: 2, sha, ref: sha, environment: 'berth/test-2', payload: {}, statuses: [] },
    );
    const now = new Date();
    const stack = {
      projectId: projectId('gh-1'),
      number: 1,
      stackName: 'test-1',
      branch: 'topic',
      created: now,
      modified: now,
      lastRequested: now,
      revision: 1,
      token: 1,
      activeRuns: [],
    };
    const project = {
      id: stack.projectId,
      name: 'octo-org/shop',
      settings: projectSettingsSchema.parse({}),
      created: now,
      modified: now,
      github: {
        repositoryId: repository.id,
        installationId: 77,
        owner: 'octo-org',
        name: 'shop',
        defaultBranch: 'main',
      },
    };
    const deployments = githubDeployments({ github: await githubAppAt(standIn), clock: realClock });
    await deployments.retire(stack, project);
    await deployments.retire(stack, project);
    expect(repository.deployments.map((one) => one.statuses.map((status) => status.state))).toEqual([
      ['inactive'],
      [],
    ]);
    await standIn.close();
  });
});
