import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { apiOf, connectionOf, findServer, isNear } from '../../../app/cli/connect.ts';
import type { Git } from '../../../app/cli/git.ts';
import { planRun } from '../../../app/cli/plan-run.ts';
import { envOption } from '../../../app/cli/run-options.ts';
import { anyCharacter } from '../../helpers/any-character.ts';

const sha = '0123456789abcdef0123456789abcdef01234567';

/** A checkout as git describes it. */
function gitThatSays(answers: Readonly<Record<string, string>>): Git {
  const known: Readonly<Record<string, string>> = {
    'rev-parse --show-toplevel': '/home/me/my repo',
    'branch --show-current': 'feature/x',
    'rev-parse --verify --quiet --end-of-options HEAD^{commit}': sha,
    [`log -1 --format=%s ${sha}`]: 'feat: x',
    'status --porcelain': '',
    ...answers,
  };
  return async (args) => known[args.join(' ')];
}

const origin = { 'remote get-url origin': 'git@git.example:me/x.git' };
const pushed = { [`branch --remotes --contains ${sha} --list origin/*`]: '  origin/feature/x' };
const plan = (answers: Readonly<Record<string, string>>, server: 'own' | 'near' | 'far', options = {}) => {
  const deps = { git: gitThatSays(answers), directory: '/home/me/my repo', unique: () => 'once' };
  return planRun(deps, { command: 'make test', env: {}, ...options }, server);
};

describe('the request of a checkout', () => {
  it('lets its own server, or a local one, read the checkout', async () => {
    const request = {
      repo_url: 'file:///home/me/my%20repo',
      branch: 'feature/x',
      sha,
      test_command: 'make test',
      idempotency_key: 'once',
    };
    expect((await plan({ ...origin, ...pushed }, 'own')).request).toEqual(request);
    expect((await plan(origin, 'near')).request).toEqual(request);
  });

  it('sends other servers to origin, which must have the commit', async () => {
    const { request } = await plan({ ...origin, ...pushed }, 'far');
    expect(request.repo_url).toBe('git@git.example:me/x.git');
    expect((await plan({ ...origin, ...pushed }, 'near')).request.repo_url).toBe('git@git.example:me/x.git');
    await expect(plan(origin, 'far')).rejects.toMatchObject({
      message: 'The commit 0123456 is not on origin, from which the server would fetch it.',
      hint: expect.stringContaining('--local'),
    });
    await expect(plan({}, 'far')).rejects.toThrow('no remote named origin');
  });

  it('prefers options over the suite', async () => {
    const settings =
      'suites:\n  a:\n    command: run a\n    timeout: 10m\n    memory: 1GB\n    env: {A: 1, B: 2}\n    secrets: {TOKEN: "ssm:token"}\n    stack: false\n    cache: npm\n';
    const answers = { [`cat-file blob ${sha}:.github/berth.yml`]: settings };
    const options = { command: undefined, env: { B: '3' }, timeoutSeconds: 60 };
    const { request, origin: from, warnings } = await plan(answers, 'own', options);
    expect(request).toMatchObject({
      suite: 'a',
      test_command: 'run a',
      timeout_seconds: 60,
      memory: 1024,
      env: { A: '1', B: '3' },
      stack: false,
      cache: [expect.objectContaining({ name: 'npm', paths: ['~/.npm'] })],
    });
    expect(from).toBe('suite a of .github/berth.yml');
    expect(warnings).toEqual([expect.stringContaining('TOKEN: only runs on GitHub')]);
  });

  it('warns of a secret of the suite that --env does not pass', async () => {
    const settings = 'suites:\n  a:\n    command: run a\n    secrets: {TOKEN: "ssm:token", KEY: "ssm:key"}\n';
    const answers = { ...pushed, ...origin, [`cat-file blob ${sha}:.github/berth.yml`]: settings };
    const warningsOf = async (server: 'own' | 'far', env: object) =>
      (await plan(answers, server, { command: undefined, env })).warnings;
    for (const server of ['own', 'far'] as const) {
      expect(await warningsOf(server, { KEY: 'x' })).toEqual([expect.stringMatching(/^TOKEN: only runs/)]);
      expect(await warningsOf(server, { KEY: 'x', TOKEN: 'y' })).toEqual([]);
    }
  });

  it.each([
    ['a suite on the stack', 'a: { command: run a }', 'deploy, teardown: only'],
    ['a guessed command', '', 'deploy: only'],
    ['a suite without a stack', 'a: { command: run a, stack: false }', undefined],
  ])('warns that the settings of a deployment do not apply to %s', async (_, suite, warning) => {
    const settings = `deploy: { command: ./deploy }\nteardown: ./remove\nsuites: { ${suite} }\n`;
    const answers = {
      [`cat-file blob ${sha}:.github/berth.yml`]: settings,
      [`ls-tree -z ${sha}:`]: '100644 blob 0\tMakefile\0',
      [`cat-file blob ${sha}:Makefile`]: 'test:\n\ttrue\n',
    };
    const { warnings } = await plan(answers, 'own', { command: undefined });
    expect(warnings).toEqual(warning === undefined ? [] : [expect.stringContaining(warning)]);
  });
});

describe('--suite', () => {
  it('names no suite of a commit without settings', async () => {
    const answers = {
      [`ls-tree -z ${sha}:`]: '100644 blob 0\tMakefile\0',
      [`cat-file blob ${sha}:Makefile`]: 'test:\n\ttrue\n',
    };
    await expect(plan(answers, 'own', { command: undefined, suite: 'unti' })).rejects.toThrow(
      'There is no suite unti: this commit has no suites in .github/berth.yml.',
    );
    expect((await plan(answers, 'own', { suite: 'unit' })).request.suite).toBe('unit');
  });
});

describe('settings with mistakes', () => {
  it('are refused with the line and the key of each', async () => {
    const settings = 'suites:\n  e2e:\n    command: x\n    timeout: 5 minutes\n';
    const answers = { [`cat-file blob ${sha}:.github/berth.yml`]: settings };
    await expect(plan(answers, 'own', { command: undefined })).rejects.toThrow(
      '.github/berth.yml:4: suites.e2e.timeout: A duration such as 90s, 10m or 1h30m.',
    );
  });
});

describe('settings that only runs on GitHub use', () => {
  it.each([
    [
      'suites:\n  a: { command: a, needs: [b], concurrency: 1 }\n  b: { command: b }\n',
      'needs, concurrency:',
      '',
    ],
    ['deploy: { command: d }\nsuites:\n  a: { command: a }\n', 'deploy:', ' This run does not deploy.'],
  ])('are named in a warning: %j', async (settings, names, more) => {
    const options = { command: undefined, suite: 'a' };
    const { warnings } = await plan({ [`cat-file blob ${sha}:.github/berth.yml`]: settings }, 'own', options);
    expect(warnings).toEqual([`${names} only runs on GitHub use these settings.${more}`]);
  });

  it('do not include services', async () => {
    const settings = 'suites:\n  a: { command: a, services: { db: { image: "postgres:16" } } }\n';
    const options = { command: undefined };
    const { request, warnings } = await plan(
      { [`cat-file blob ${sha}:.github/berth.yml`]: settings },
      'own',
      options,
    );
    expect(warnings).toEqual([]);
    expect(request.services).toMatchObject({ db: { image: 'postgres:16' } });
  });
});

describe('--env', () => {
  it('keeps every value unchanged, with any characters', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z_]\w*$/), fc.string({ unit: anyCharacter }), (name, value) => {
        expect(envOption([`${name}=${value}`], {})).toEqual({ [name]: value });
        expect(envOption([name], { [name]: value })).toEqual({ [name]: value });
      }),
    );
  });

  it('needs a name', () => {
    expect(() => envOption(['=x'], {})).toThrow('does not name a variable');
  });
});

describe('the server that commands talk to', () => {
  const transport = {
    fetch: globalThis.fetch,
    sleep: async () => {},
    now: () => new Date(0),
    random: () => 0,
  };

  it.each([
    ['http://localhost:3000', true],
    ['http://127.0.0.1', true],
    ['http://[::1]:3000', true],
    ['http://127.0.0.1.example', false],
    ['https://berth.example', false],
  ])('%s is near: %p', (url, near) => {
    expect(isNear(url)).toBe(near);
  });

  it('is ignored if another program has its port, unless the user chose it', async () => {
    const server = createServer((_, response) => response.end('Cannot GET /healthz'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address of this form.
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const api = apiOf({ transport }, { url });
    expect(await findServer(api, { url, isChosen: false })).toBe('absent');
    await expect(findServer(api, { url, isChosen: true })).rejects.toMatchObject({
      code: 'answer_unreadable',
    });
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it('comes from the environment; the command line overrides the project', () => {
    const env = { BERTH_URL: 'https://berth.example/', BERTH_API_KEY: ' k ', BERTH_PROJECT: 'a' };
    expect(connectionOf(env)).toEqual({
      url: 'https://berth.example/',
      isChosen: true,
      apiKey: 'k',
      project: 'a',
    });
    expect(connectionOf(env, 'b').project).toBe('b');
    expect(connectionOf({ BERTH_URL: '' })).toEqual({ url: 'http://127.0.0.1:3000', isChosen: false });
  });
});
