import { describe, expect, it } from '@jest/globals';
import { idempotencyKey } from '../../../action/idempotency-key.ts';
import type { RunSettings } from '../../../action/settings-types.ts';
import type { WorkflowFacts } from '../../../action/tested-code.ts';
import { aCommit, aJob, aPush, settingsFor, settingsOf } from './action-world.ts';

const headSha = 'a'.repeat(40);

function aPullRequest(head: object = {}, base = 'acme/site'): WorkflowFacts {
  return {
    ...aPush,
    ref: 'refs/pull/7/merge',
    event: {
      pull_request: {
        number: 7,
        head: { ref: 'feature/login', sha: headSha, repo: { full_name: 'acme/site' }, ...head },
        base: { repo: { full_name: base } },
      },
    },
  };
}

function requestOf(
  inputs: Record<string, string>,
  facts?: WorkflowFacts,
  environment?: Record<string, string>,
) {
  const settings = settingsOf({ operation: 'run', ...inputs }, facts, environment);
  if (settings.operation !== 'run') throw new Error('not a run');
  return settings.request;
}

describe('Inputs without an effect', () => {
  const unusedOf = (inputs: Record<string, string>) => {
    const given = { 'api-url': 'http://berth.test', 'api-key': 'a key', ...inputs };
    const environment = Object.fromEntries(
      Object.entries(given).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    );
    return settingsOf(given, aPush, environment).unused;
  };

  it('are those that the operation does not read', () => {
    expect(unusedOf({ operation: 'run', command: 'make', lease: '2h', 'workflow-id': 'a' })).toEqual([
      'lease',
      'workflow-id',
    ]);
    expect(unusedOf({ operation: 'request-stack', command: 'make' })).toEqual(['command']);
  });

  it('are not those that have a default', () => {
    const unused = unusedOf({ operation: 'cancel', 'workflow-id': 'a', suite: 'default', summary: 'true' });
    expect(unused).toEqual([]);
  });

  it('are checked even if this event does not need them', () => {
    expect(() => settingsOf({ operation: 'run', command: 'make', 'allow-forks': 'yes' })).toThrow(
      'allow-forks must be true or false, not "yes".',
    );
  });
});

describe('The code that a step tests', () => {
  it('is the commit that was pushed', () => {
    expect(requestOf({})).toMatchObject({
      repo_url: 'https://github.com/acme/site.git',
      branch: 'main',
      sha: aCommit,
    });
  });

  it('is the head of a pull request, and not the merge commit', () => {
    expect(requestOf({}, aPullRequest())).toMatchObject({ branch: 'feature/login', sha: headSha });
  });

  it('is a tag by its short name', () => {
    expect(requestOf({}, { ...aPush, ref: 'refs/tags/v1.2' })).toMatchObject({
      branch: 'v1.2',
      sha: aCommit,
    });
  });

  it('is the newest commit of a branch that is named', () => {
    const request = requestOf({ ref: 'refs/heads/release' });
    expect(request.branch).toBe('release');
    expect(request).not.toHaveProperty('sha');
  });

  it('stays the commit of the event where its own branch is named', () => {
    expect(requestOf({ ref: 'main' }).sha).toBe(aCommit);
  });

  it('is another repository where one is named, on the same server or by its URL', () => {
    const facts = { ...aPush, serverUrl: 'https://ghe.example.com' };
    expect(requestOf({ repository: 'acme/api', ref: 'main' }, facts).repo_url).toBe(
      'https://ghe.example.com/acme/api.git',
    );
    expect(requestOf({ repository: 'git@example.com:api.git', ref: 'main' }).repo_url).toBe(
      'git@example.com:api.git',
    );
    expect(() => settingsOf({ repository: 'acme/api' })).toThrow('ref is required');
  });

  it('is never the head of a fork by accident', () => {
    const fork = aPullRequest({ repo: { full_name: 'stranger/site' } });
    expect(() => settingsOf({}, fork)).toThrow(
      'allow-forks must be true to test the head of a pull request from a fork',
    );
    expect(requestOf({ 'allow-forks': 'true' }, fork)).toMatchObject({
      repo_url: 'https://github.com/stranger/site.git',
      sha: headSha,
    });
    expect(() => settingsOf({}, aPullRequest({ repo: null }))).toThrow('allow-forks');
  });

  it('is what the workflow names, even for a pull request from a fork', () => {
    const fork = aPullRequest({ repo: { full_name: 'stranger/site' } });
    expect(requestOf({ ref: 'main', sha: aCommit }, fork)).toMatchObject({
      repo_url: 'https://github.com/acme/site.git',
      branch: 'main',
      sha: aCommit,
    });
  });
});

describe('The inputs of a step', () => {
  it('name services as JSON, and how to run only failed tests', () => {
    const db = { image: 'postgres:16', ports: [5432] };
    const rerun = 'npx jest {files}';
    expect(requestOf({ services: JSON.stringify({ db }), rerun })).toMatchObject({ services: { db }, rerun });
    expect(requestOf({})).not.toHaveProperty('services');
    for (const services of ['db: postgres', '[]', '"db"', 'null'])
      expect(() => requestOf({ services })).toThrow('services must be a JSON object');
  });

  it('limit the parallel runs of a group', () => {
    expect(requestOf({ 'concurrency-group': 'staging' }).concurrency).toEqual({ group: 'staging' });
    const limited = requestOf({ 'concurrency-group': 'staging', 'concurrency-limit': '2' });
    expect(limited.concurrency).toEqual({ group: 'staging', limit: 2 });
    expect(() => requestOf({ 'concurrency-limit': '2' })).toThrow('concurrency-group is required');
  });

  it("name caches: presets, and files of one's own", () => {
    const own = { 'cache-key': 'package-lock.json', 'cache-paths': '~/.cache/ms-playwright' };
    expect(requestOf({ cache: 'npm\npip', ...own }).cache).toEqual([
      'npm',
      'pip',
      { key: ['package-lock.json'], paths: ['~/.cache/ms-playwright'] },
    ]);
    expect(requestOf({})).not.toHaveProperty('cache');
    expect(() => requestOf({ cache: 'nmp' })).toThrow('"nmp" is not one of them');
    expect(() => requestOf({ 'cache-paths': 'vendor' })).toThrow('cache-key is required with cache-paths');
  });

  it('become the request', () => {
    expect(
      requestOf({
        suite: 'e2e',
        setup: 'npm ci',
        teardown: 'npm run destroy',
        timeout: '1h30m',
        cpu: '0.5',
        memory: '4GB',
        retries: '2',
        junit: 'reports/*.xml\n\n more/*.xml ',
        env: 'A=1\n# a comment\nB= two = 2 \nC<<END\nx\ny\nEND\nGITHUB_JOB',
      }),
    ).toMatchObject({
      suite: 'e2e',
      setup: 'npm ci',
      teardown: 'npm run destroy',
      timeout_seconds: 5400,
      cpu: 0.5,
      memory: 4096,
      retries: 2,
      junit: ['reports/*.xml', 'more/*.xml'],
      env: { A: '1', B: ' two = 2', C: 'x\ny', GITHUB_JOB: 'test' },
    });
  });

  it('name a role, and how the stack is torn down', () => {
    const role = 'arn:aws:iam::123456789012:role/deploy/shop';
    const options = { 'teardown-on-failure': 'release', 'teardown-timeout': '5m', 'teardown-retries': '0' };
    expect(requestOf({ role, teardown: './remove.sh', ...options })).toMatchObject({
      role,
      teardown: { command: './remove.sh', on_failure: 'release', timeout_seconds: 300, retries: 0 },
    });
    expect(() => requestOf(options)).toThrow('teardown is required with the other teardown- inputs');
    const fork = aPullRequest({ repo: { full_name: 'stranger/site' } });
    expect(() => settingsOf({ role, 'allow-forks': 'true' }, fork)).toThrow('role must not be set');
  });

  it('are refused with every mistake', () => {
    const wrong = {
      'api-url': 'berth.example.com',
      'api-key': '“key”',
      command: '',
      sha: 'abc',
      timeout: 'soon',
      retries: '9',
      wait: 'maybe',
      'fail-on': 'failure, rain',
      env: 'A-B=1',
    };
    const mistakes = () => settingsOf(wrong);
    for (const name of [
      'api-url',
      'api-key',
      'command',
      'sha',
      'timeout',
      'retries',
      'wait',
      'fail-on',
      'env',
    ]) {
      expect(mistakes).toThrow(new RegExp(`\\b${name} (must|is|has|contains) `));
    }
  });

  it('may come from the environment of the job, where they are the same for all steps', () => {
    const environment = {
      ...aJob,
      BERTH_API_URL: 'https://berth.example.com/v1/',
      BERTH_API_KEY: 'of the job',
    };
    expect(settingsOf({ 'api-url': '', 'api-key': '' }, aPush, environment)).toMatchObject({
      apiUrl: 'https://berth.example.com/v1',
      apiKey: 'of the job',
      oidcAudience: 'https://berth.example.com',
    });
  });

  it('name the ends that fail the step', () => {
    expect([...settingsFor('run').failOn]).toEqual(['failure', 'error', 'timed_out', 'cancelled']);
    expect([...settingsFor('run', { 'fail-on': 'none' }).failOn]).toEqual([]);
    expect([...settingsFor('run', { 'fail-on': 'timed-out,skipped' }).failOn]).toEqual([
      'timed_out',
      'skipped',
    ]);
  });
});

describe('The stack of a step', () => {
  const requested = {
    ...aJob,
    BERTH_STACK: 'test-3',
    BERTH_STACK_HOLDER: 'job 1',
    BERTH_STACK_LOCK_TOKEN: '17',
  };

  it('is the one that an earlier step has requested, held by the same holder', () => {
    expect(requestOf({}, aPush, requested)).toMatchObject({ stack: 'test-3', holder: 'job 1' });
    expect(settingsOf({ operation: 'release-stack' }, aPush, requested)).toMatchObject({
      stackName: 'test-3',
      lockToken: 17,
    });
  });

  it('is another where one is named, or none', () => {
    expect(requestOf({ stack: 'test-9' }, aPush, requested)).toMatchObject({ stack: 'test-9' });
    expect(requestOf({ stack: 'test-9' }, aPush, requested)).not.toHaveProperty('holder');
    expect(requestOf({ stack: 'false' }, aPush, requested)).not.toHaveProperty('holder');
    expect(settingsOf({ operation: 'release-stack', stack: 'test-9' }, aPush, requested)).not.toHaveProperty(
      'lockToken',
    );
  });

  it('is for the server to say where nothing was requested', () => {
    expect(requestOf({})).not.toHaveProperty('stack');
    expect(() => settingsOf({ operation: 'release-stack' })).toThrow('stack is required');
  });

  it('notes the commit of the event as deployed, unless another is named', () => {
    expect(settingsOf({ operation: 'set-last-deployed-commit' }, aPush, requested)).toMatchObject({
      commit: aCommit,
    });
    const other = { operation: 'set-last-deployed-commit', 'last-deployed-commit': 'v1.2' };
    expect(settingsOf(other, aPush, requested)).toMatchObject({ commit: 'v1.2' });
  });
});

describe('The key of a run', () => {
  const keyOf = (environment: object, inputs: Record<string, string> = {}): string =>
    idempotencyKey(
      settingsOf({ operation: 'run', ...inputs }, aPush, { ...aJob, ...environment }) as RunSettings,
    );

  it('is the same for the same step of the same attempt', () => {
    expect(keyOf({})).toBe(keyOf({ RUNNER_NAME: 'another machine' }));
  });

  it('is another for another attempt, job, step, leg of a matrix, or request', () => {
    const keys = [
      keyOf({}),
      keyOf({ GITHUB_RUN_ATTEMPT: '2' }),
      keyOf({ GITHUB_JOB: 'other' }),
      keyOf({ GITHUB_ACTION: '__berth_2' }),
      keyOf({}, { 'job-key': '-1' }),
      keyOf({}, { command: 'npm run e2e' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
  });
});
