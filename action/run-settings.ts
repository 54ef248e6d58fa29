import { omitUndefined } from '../app/lib/omit-undefined.ts';
import { parseJson } from '../app/lib/parse-json.ts';
import { type InputReader, parseDuration } from './input-reader.ts';
import { parseEnv } from './parse-env.ts';
import {
  type Conclusion,
  type Environment,
  type GithubTarget,
  type RunRequest,
  type RunSettings,
  type Showing,
  stackVariables,
  type WaitForStack,
} from './settings-types.ts';
import { ownUrl, type TestedCode, testedCode, type WorkflowFacts } from './tested-code.ts';

const conclusions = [
  'success',
  'failure',
  'error',
  'timed_out',
  'cancelled',
  'skipped',
] as const satisfies readonly Conclusion[];

const cachePresets = [
  'npm',
  'pnpm',
  'yarn',
  'pip',
  'uv',
  'poetry',
  'go',
  'cargo',
  'maven',
  'gradle',
  'bundler',
] as const satisfies readonly Extract<RunRequest['cache'], string>[];

export function readRun(inputs: InputReader, environment: Environment, facts: WorkflowFacts): RunSettings {
  const code = testedCode(inputs, facts);
  refuseFork(inputs, code);
  return {
    operation: 'run',
    request: {
      repo_url: code.url,
      branch: code.branch,
      test_command: inputs.required('command', 'the shell command that runs the tests'),
      suite: inputs.text('suite') ?? 'default',
      ...omitUndefined({
        sha: code.sha,
        setup: inputs.text('setup'),
        role: readRole(inputs, code),
        timeout_seconds: inputs.duration('timeout'),
        cpu: inputs.number('cpu', { from: 0.25, to: 16, isWhole: false }),
        memory: inputs.memory('memory'),
        image: inputs.text('image'),
        retries: inputs.number('retries', { from: 0, to: 5, isWhole: true }),
        rerun: inputs.text('rerun'),
        services: readServices(inputs),
        concurrency: readConcurrency(inputs),
      }),
      ...readDeploy(inputs),
      ...readTeardown(inputs),
      ...readCache(inputs),
      ...readRunStack(inputs, environment),
      env: parseEnv(inputs.text('env') ?? '', environment, inputs.mistake),
      junit: inputs.lines('junit'),
      artifacts: inputs.lines('artifacts'),
    },
    wait: inputs.flag('wait', true),
    waitForStack: readWaitForStack(inputs),
    stepKey: stepKeyOf(inputs, environment),
    github: readGithub(inputs, code, facts),
    ...readShowing(inputs),
  };
}

function readDeploy(inputs: InputReader): Pick<RunRequest, 'deploy'> {
  const command = inputs.text('deploy');
  const paths = inputs.lines('deploy-paths');
  const more = omitUndefined({
    setup: inputs.text('deploy-setup'),
    url: inputs.text('deploy-url'),
    timeout_seconds: inputs.duration('deploy-timeout'),
  });
  const isGiven = paths.length > 0 || Object.keys(more).length > 0;
  if (command === undefined && isGiven)
    inputs.mistake('deploy', 'is required with the other deploy- inputs: the command that deploys.');
  if (command === undefined) return {};
  return { deploy: { command, ...more, ...(paths.length === 0 ? {} : { paths }) } };
}

function readTeardown(inputs: InputReader): Pick<RunRequest, 'teardown'> {
  const command = inputs.text('teardown');
  const given = inputs.text('teardown-on-failure');
  const options = omitUndefined({
    on_failure:
      given === undefined ? undefined : inputs.oneOf('teardown-on-failure', ['quarantine', 'release']),
    timeout_seconds: inputs.duration('teardown-timeout'),
    retries: inputs.number('teardown-retries', { from: 0, to: 10, isWhole: true }),
  });
  const hasOptions = Object.keys(options).length > 0;
  if (command === undefined && hasOptions)
    inputs.mistake(
      'teardown',
      'is required with the other teardown- inputs: the command that cleans the stack.',
    );
  if (command === undefined) return {};
  return { teardown: hasOptions ? { command, ...options } : command };
}

function readConcurrency(inputs: InputReader): RunRequest['concurrency'] {
  const group = inputs.text('concurrency-group');
  const limit = inputs.number('concurrency-limit', { from: 1, to: 100, isWhole: true });
  if (group === undefined && limit !== undefined)
    inputs.mistake('concurrency-group', 'is required with concurrency-limit.');
  return group === undefined ? undefined : omitUndefined({ group, limit });
}

function readServices(inputs: InputReader): RunRequest['services'] {
  const text = inputs.text('services');
  if (text === undefined) return undefined;
  const services = objectOf(text);
  if (services === undefined)
    inputs.mistake(
      'services',
      'must be a JSON object such as {"db": {"image": "postgres:16", "ports": [5432]}}.',
    );
  // Berth checks what is in it, and names each mistake.
  return services as RunRequest['services'];
}

function objectOf(text: string): object | undefined {
  const value = parseJson(text);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}

/** Code from a fork never gets the credentials of a role. */
function readRole(inputs: InputReader, code: TestedCode): string | undefined {
  const role = inputs.text('role');
  if (role !== undefined && code.isFork) inputs.mistake('role', 'must not be set for code from a fork.');
  return role;
}

function readCache(inputs: InputReader): Pick<RunRequest, 'cache'> {
  const presets = inputs.words('cache').flatMap((word) => {
    const preset = cachePresets.find((name) => name === word.toLowerCase());
    if (preset !== undefined) return [preset];
    inputs.mistake(
      'cache',
      `must contain only ${cachePresets.join(', ')}; ${JSON.stringify(word)} is not one of them. For other files, use cache-key and cache-paths.`,
    );
    return [];
  });
  const key = inputs.lines('cache-key');
  const paths = inputs.lines('cache-paths');
  if (key.length === 0 && paths.length > 0) inputs.mistake('cache-key', 'is required with cache-paths.');
  if (key.length > 0 && paths.length === 0) inputs.mistake('cache-paths', 'is required with cache-key.');
  const own = key.length === 0 ? [] : [{ key, paths }];
  const all = [...presets, ...own];
  return all.length === 0 ? {} : { cache: all };
}

/** A token of the workflow may write to the workflow's repository only. */
function readGithub(inputs: InputReader, code: TestedCode, facts: WorkflowFacts): GithubTarget | undefined {
  const token = inputs.text('github-token');
  const { number, head } = facts.event.pull_request ?? {};
  const isHead = code.sha !== undefined && code.sha === head?.sha;
  if (token === undefined || (code.url !== ownUrl(facts) && !isHead)) return undefined;
  return { token, sha: code.sha, pullRequest: isHead ? number : undefined };
}

/** A workflow with secrets must not run code from a fork by default: this is the risk of pull_request_target. */
function refuseFork(inputs: InputReader, code: TestedCode): void {
  const isAllowed = inputs.flag('allow-forks', false);
  if (!code.isFork || isAllowed) return;
  inputs.mistake(
    'allow-forks',
    "must be true to test the head of a pull request from a fork, since its code runs with this workflow's permissions.",
  );
}

/** The stack and holder of an earlier step, unless the inputs name another stack. */
function readRunStack(inputs: InputReader, environment: Environment): Pick<RunRequest, 'stack' | 'holder'> {
  const requested = environment[stackVariables.name] || undefined;
  const stack = inputs.text('stack') ?? requested;
  const holder =
    inputs.text('holder') ??
    (stack === requested ? environment[stackVariables.holder] || undefined : undefined);
  if (stack === undefined) return omitUndefined({ holder });
  const choice = /^(true|false)$/i.test(stack) ? stack.toLowerCase() === 'true' : stack;
  return choice === false ? { stack: false } : { stack: choice, ...omitUndefined({ holder }) };
}

export function readShowing(inputs: InputReader): Showing {
  return {
    failOn: readFailOn(inputs),
    logs: inputs.oneOf('logs', ['stream', 'on-failure', 'none']),
    annotations: inputs.number('annotations', { from: 0, to: 50, isWhole: true }) ?? 10,
    summary: inputs.flag('summary', true),
  };
}

const failOnByDefault: readonly Conclusion[] = ['failure', 'error', 'timed_out', 'cancelled'];

function readFailOn(inputs: InputReader): ReadonlySet<Conclusion> {
  const words = inputs.words('fail-on').map((word) => word.toLowerCase().replaceAll('-', '_'));
  if (words.length === 0) return new Set(failOnByDefault);
  if (words.length === 1 && words[0] === 'none') return new Set();
  const known = conclusions.filter((conclusion) => conclusion !== 'success');
  for (const word of words) {
    if (!known.some((conclusion) => conclusion === word)) {
      inputs.mistake(
        'fail-on',
        `must contain only ${known.join(', ')}, or none; ${JSON.stringify(word)} is not one of them.`,
      );
    }
  }
  return new Set(known.filter((conclusion) => words.includes(conclusion)));
}

export function readWaitForStack(inputs: InputReader): WaitForStack {
  const given = inputs.text('wait-for-stack');
  const seconds = given === undefined ? undefined : parseDuration(given);
  return seconds ?? inputs.flag('wait-for-stack', true);
}

/**
 * Identifies this step, even when it is repeated within one attempt. All jobs of a matrix have the same
 * `GITHUB_ACTION` and `GITHUB_JOB`: `job-key` distinguishes them.
 */
function stepKeyOf(inputs: InputReader, environment: Environment): readonly string[] {
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } = environment;
  const parts = [GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION];
  return [...parts.map((part) => part ?? ''), inputs.text('job-key') ?? ''];
}
