import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../helpers/eventually.ts';
import { type GitRepository, gitRepository } from '../../helpers/git-repository.ts';
import { type TemporaryDirectory, temporaryDirectory } from '../../helpers/temporary-directory.ts';
import { type TokenIssuer, tokenIssuer } from '../../helpers/token-issuer.ts';
import { type EmbeddedBerth, embeddedBerth } from './embedded-berth.ts';

const reportsResult = `mkdir -p reports && echo '<testsuite name="s"><testcase name="works"/></testsuite>' > reports/s.xml`;

/** A repository that the examples could be of. */
const site = {
  'package.json': JSON.stringify({
    name: 'site',
    version: '1.0.0',
    scripts: {
      test: `${reportsResult} && echo "tests on $BERTH_STACK"`,
      'test:unit': `${reportsResult} && echo "units"`,
      'test:integration': `${reportsResult} && echo "integration"`,
      'test:e2e': `${reportsResult} && echo "end to end on $BERTH_STACK"`,
    },
  }),
  'package-lock.json': JSON.stringify({
    name: 'site',
    version: '1.0.0',
    lockfileVersion: 3,
    packages: { '': { name: 'site', version: '1.0.0' } },
  }),
  'services/api/package.json': JSON.stringify({ name: 'api', scripts: { test: 'echo "tests of the API"' } }),
  'services/web/package.json': JSON.stringify({ name: 'web', scripts: { test: 'echo "tests of the web"' } }),
};

const act = process.env.BERTH_TEST_ACT ?? 'act';
const node = process.env.BERTH_TEST_NODE24 ?? process.execPath;
let directory: TemporaryDirectory;
let repository: GitRepository;
let berth: EmbeddedBerth;
let provider: Server;
let issuer: TokenIssuer;
let baseSha: string;
let headSha: string;

beforeAll(async () => {
  directory = await temporaryDirectory();
  repository = await gitRepository(join(directory.path, 'site'), site);
  baseSha = repository.sha;
  headSha = await commit({ 'services/api/index.js': '// changed\n' });
  // What GitHub fetches of the action: its description and its bundle, and no source.
  await cp('action.yml', join(directory.path, 'action/action.yml'));
  await cp('action/dist', join(directory.path, 'action/action/dist'), { recursive: true });

  provider = createServer(async (request, response) => {
    const audience = new URL(request.url ?? '', issuer.issuer).searchParams.get('audience');
    response.setHeader('Content-Type', 'application/json');
    response.end(
      JSON.stringify(audience === null ? issuer.keySet : { value: await issuer.token({}, { audience }) }),
    );
  }).listen(0, '127.0.0.1');
  await once(provider, 'listening');
  // A server that listens on a port has an address of this form.
  const url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  issuer = await tokenIssuer(url, { audience: '', now: () => new Date() });
  berth = await embeddedBerth({ BERTH_OIDC_ISSUER: url, PATH: pathWithNode() });
});

beforeEach(async () => {
  await berth.call('PATCH', '/projects/default', {
    settings: { maxStacks: 2, oidcTrust: [{ repository: 'acme/site', ref: 'refs/heads/*' }] },
  });
});

afterAll(async () => {
  provider.closeAllConnections();
  provider.close();
  await berth.remove();
  await directory.remove();
});

async function commit(files: Record<string, string>): Promise<string> {
  const git = async (...args: string[]): Promise<string> => {
    const identity = ['-c', 'user.name=t', '-c', 'user.email=t@t'];
    const { stdout } = await promisify(execFile)('git', ['-C', repository.path, ...identity, ...args]);
    return stdout.trim();
  };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(repository.path, name)), { recursive: true });
    await writeFile(join(repository.path, name), content);
  }
  await writeFile(join(repository.path, 'deploy.sh'), '#!/bin/sh\necho "deployed to $1"\n', { mode: 0o755 });
  await git('add', '--all');
  await git('commit', '--quiet', '--message=second');
  await git('remote', 'add', 'origin', 'https://github.com/acme/site.git');
  return git('rev-parse', 'HEAD');
}

/** act calls node24 actions by whatever `node` it finds. */
function pathWithNode(): string {
  return `${dirname(node)}:${process.env.PATH}`;
}

/** Runs an example as GitHub would after an event. @returns act's output; the workflow has succeeded. */
async function runExample(name: string, event: 'push' | 'pull_request'): Promise<string> {
  const head = { ref: 'feature', sha: headSha, repo: cloneable() };
  const payload = {
    push: { ref: 'refs/heads/main', after: headSha, repository: cloneable() },
    pull_request: {
      action: 'opened',
      number: 7,
      repository: cloneable(),
      pull_request: { number: 7, head, base: { ref: 'main', sha: baseSha, repo: cloneable() } },
    },
  };
  const eventPath = join(directory.path, 'event.json');
  await writeFile(eventPath, JSON.stringify(payload[event]));
  const child = spawn(
    act,
    [
      event,
      ['--workflows', resolve('docs/examples', name)],
      ['--eventpath', eventPath],
      ['--platform', 'ubuntu-latest=-self-hosted'],
      ['--local-repository', `berth/berth@v1=${join(directory.path, 'action')}`],
      ['--var', `BERTH_API_URL=${berth.url}`],
      ['--var', 'BERTH_PROJECT=default'],
      ['--secret', `BERTH_API_KEY=${berth.apiKey}`],
      ['--env', `ACTIONS_ID_TOKEN_REQUEST_URL=${issuer.issuer}/token?api-version=2`],
      ['--env', 'ACTIONS_ID_TOKEN_REQUEST_TOKEN=token'],
      ['--action-cache-path', join(directory.path, 'act')],
      '--no-cache-server',
    ].flat(),
    {
      cwd: repository.path,
      env: { HOME: directory.path, PATH: pathWithNode() },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text));
  await once(child, 'close');
  if (child.exitCode !== 0) throw new Error(`${name} ended with exit code ${child.exitCode}:\n${output}`);
  return output;
}

function cloneable() {
  return { full_name: 'acme/site', clone_url: repository.url, owner: { login: 'acme' }, name: 'site' };
}

async function runs(): Promise<{ suite: string; conclusion: string; sha: string; stack_name: string }[]> {
  return (await berth.call('GET', '/workflow?limit=100')).body.workflows;
}

async function freeStacks(): Promise<boolean[]> {
  const { body } = await berth.call('GET', '/listStacks');
  return body.stacks.map(({ isAvailable }: { isAvailable: boolean }) => isAvailable);
}

describe('docs/examples', () => {
  it('run-tests.yml tests what was pushed', async () => {
    const output = await runExample('run-tests.yml', 'push');
    expect(output).toContain('tests on test-1');
    expect(output).toContain('::set-output:: tests-total=1');
    expect((await runs())[0]).toMatchObject({ conclusion: 'success', sha: headSha });
  });

  it('deploy-then-test.yml deploys to the stack that it holds, tests there, and releases it', async () => {
    const output = await runExample('deploy-then-test.yml', 'pull_request');
    const [, stack] = /deployed to (test-\d)/.exec(output) ?? [];
    expect(output).toContain(`end to end on ${stack}`);
    expect(output).toContain(`Stack ${stack} is released.`);
    const { body } = await berth.call('GET', `/stacks/${stack}`);
    expect(body).toMatchObject({ isAvailable: true, lastDeployedCommit: headSha, branch: 'feature' });
  });

  it('matrix-of-suites.yml makes a run of each suite', async () => {
    await runExample('matrix-of-suites.yml', 'push');
    const latest = (await runs()).slice(0, 3);
    expect(latest.map(({ suite }) => suite).sort()).toEqual(['e2e', 'integration', 'unit']);
    expect(latest.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success']);
  });

  it('without-keys.yml needs no key', async () => {
    const output = await runExample('without-keys.yml', 'push');
    expect(output).toContain('success, for $0');
  });

  it('monorepo.yml tests the services that were touched, and no others', async () => {
    const output = await runExample('monorepo.yml', 'pull_request');
    expect(output).toContain('tests of the API');
    expect(output).not.toContain('tests of the web');
    expect((await runs())[0]).toMatchObject({ suite: 'api', conclusion: 'success' });
  });

  it('leave no stack behind', async () => {
    // The stack of a run is free a step after the run finished.
    await eventually('every stack to be free', async () => !(await freeStacks()).includes(false));
  });
});
