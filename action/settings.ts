import type { Workflow, WorkflowRequest } from '../app/client/api-types.ts';
import { omitUndefined } from '../app/lib/omit-undefined.ts';
import { createInputReader, type InputReader, parseDuration } from './input-reader.ts';
import { parseEnv } from './parse-env.ts';
import { ownUrl, type TestedCode, testedCode, type WorkflowFacts } from './tested-code.ts';

export const operations = [
  'run',
  'request-stack',
  'release-stack',
  'set-last-deployed-commit',
  'status',
  'cancel',
] as const;

/** The inputs of a step, checked and complete. */
export type Settings = Connection & Operation;

export interface Connection {
  /** Without a slash at the end. */
  readonly apiUrl: string;
  /** If omitted, the step authenticates with an OIDC token. */
  readonly apiKey?: string;
  readonly oidcAudience: string;
  readonly project?: string;
}

type Operation =
  | RunSettings
  | RequestStackSettings
  | ({ readonly operation: 'release-stack' } & StackChoice)
  | ({ readonly operation: 'set-last-deployed-commit'; readonly commit: string } & StackChoice)
  | StatusSettings
  | { readonly operation: 'cancel'; readonly workflowId: string; readonly wait: boolean };

export type Conclusion = NonNullable<Workflow['conclusion']>;
const conclusions = [
  'success',
  'failure',
  'error',
  'timed_out',
  'cancelled',
  'skipped',
] as const satisfies readonly Conclusion[];

/** The request for a run; the idempotency key is made of it. */
export type RunRequest = Omit<WorkflowRequest, 'idempotency_key'> & { readonly suite: string };

/** The commit, and the pull request if there is one, that shows a run on GitHub. */
export interface GithubTarget {
  readonly token: string;
  readonly sha: string | undefined;
  readonly pullRequest: number | undefined;
}

export interface RunSettings extends Showing {
  readonly operation: 'run';
  readonly request: RunRequest;
  readonly wait: boolean;
  readonly waitForStack: WaitForStack;
  /** The parts of the idempotency key that identify this step. */
  readonly stepKey: readonly string[];
  /** Where to report the run on GitHub; undefined without `github-token` or for another repository. */
  readonly github: GithubTarget | undefined;
}

export interface StatusSettings extends Showing {
  readonly operation: 'status';
  readonly workflowId: string;
  readonly wait: boolean;
}

export interface RequestStackSettings {
  readonly operation: 'request-stack';
  readonly branch: string;
  /** If omitted, a new name. */
  readonly holder?: string;
  readonly waitForStack: WaitForStack;
  readonly leaseSeconds?: number;
  readonly releaseAtEnd: boolean;
}

export interface StackChoice {
  readonly stackName: string;
  readonly lockToken?: number;
}

/** How a run is shown, and which results fail the step. */
export interface Showing {
  readonly failOn: ReadonlySet<Conclusion>;
  readonly logs: 'stream' | 'on-failure' | 'none';
  readonly annotations: number;
  readonly summary: boolean;
}

/** Whether to wait for a stack, or the maximum number of seconds to wait. */
export type WaitForStack = boolean | number;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables that pass a requested stack to the steps that follow. */
export const stackVariables = {
  name: 'BERTH_STACK',
  holder: 'BERTH_STACK_HOLDER',
  token: 'BERTH_STACK_LOCK_TOKEN',
} as const;

/**
 * @param getInput returns the raw text of an input.
 * @throws Error that lists every mistake.
 */
export function readSettings(
  getInput: (name: string) => string,
  environment: Environment,
  facts: WorkflowFacts,
): Settings {
  const inputs = createInputReader(getInput);
  const connection = connectionOf(inputs, environment);
  const operation = readOperation(inputs, environment, facts);
  inputs.finish();
  return { ...connection, ...operation };
}

/** Reads what the post step needs: the server and the credentials. @throws Error that lists every mistake. */
export function readConnection(getInput: (name: string) => string, environment: Environment): Connection {
  const inputs = createInputReader(getInput);
  const connection = connectionOf(inputs, environment);
  inputs.finish();
  return connection;
}

function connectionOf(inputs: InputReader, environment: Environment): Connection {
  const given = inputs.text('api-url') ?? environment.BERTH_API_URL?.trim() ?? '';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (given === '') inputs.mistake('api-url', 'is required: the URL of your Berth server.');
  else if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    inputs.mistake('api-url', 'must be a URL such as https://berth.example.com, without credentials.');
  }
  const apiKey = inputs.text('api-key') ?? (environment.BERTH_API_KEY?.trim() || undefined);
  const project = inputs.text('project');
  return {
    apiUrl: url === undefined ? '' : `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    oidcAudience: inputs.text('oidc-audience') ?? url?.origin ?? '',
    ...omitUndefined({ apiKey, project }),
  };
}

function readOperation(inputs: InputReader, environment: Environment, facts: WorkflowFacts): Operation {
  const operation = inputs.oneOf('operation', operations);
  switch (operation) {
    case 'run':
      return readRun(inputs, environment, facts);
    case 'request-stack':
      return readRequestStack(inputs, facts);
    case 'release-stack':
      return { operation, ...readStackChoice(inputs, environment) };
    case 'set-last-deployed-commit': {
      const commit = inputs.text('last-deployed-commit') ?? testedCode(inputs, facts).sha;
      if (commit === undefined)
        inputs.mistake('last-deployed-commit', 'is required: the commit that was deployed.');
      return { operation, commit: commit ?? '', ...readStackChoice(inputs, environment) };
    }
    case 'status':
      return { operation, ...readWorkflow(inputs), ...readShowing(inputs) };
    case 'cancel':
      return { operation, ...readWorkflow(inputs) };
  }
}

function readRun(inputs: InputReader, environment: Environment, facts: WorkflowFacts): RunSettings {
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
        teardown: inputs.text('teardown'),
        timeout_seconds: inputs.duration('timeout'),
        cpu: inputs.number('cpu', { from: 0.25, to: 16, isWhole: false }),
        memory: inputs.memory('memory'),
        image: inputs.text('image'),
        retries: inputs.number('retries', { from: 0, to: 5, isWhole: true }),
      }),
      ...readDeploy(inputs),
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
  if (!code.isFork || inputs.flag('allow-forks', false)) return;
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

function readRequestStack(inputs: InputReader, facts: WorkflowFacts): RequestStackSettings {
  return {
    operation: 'request-stack',
    branch: testedCode(inputs, facts).branch,
    waitForStack: readWaitForStack(inputs),
    releaseAtEnd: inputs.flag('release-at-end', false),
    ...omitUndefined({ holder: inputs.text('holder'), leaseSeconds: inputs.duration('lease') }),
  };
}

function readStackChoice(inputs: InputReader, environment: Environment): StackChoice {
  const requested = environment[stackVariables.name] || undefined;
  const stackName = inputs.text('stack') ?? requested;
  if (stackName === undefined) inputs.mistake('stack', 'is required: the name of the stack.');
  const given = inputs.number('lock-token', { from: 1, to: Number.MAX_SAFE_INTEGER, isWhole: true });
  const known = stackName === requested ? environment[stackVariables.token] : undefined;
  return {
    stackName: stackName ?? '',
    ...omitUndefined({ lockToken: given ?? (Number(known) || undefined) }),
  };
}

function readWorkflow(inputs: InputReader): { workflowId: string; wait: boolean } {
  return {
    workflowId: inputs.required('workflow-id', 'the id of the run'),
    wait: inputs.flag('wait', false),
  };
}

function readShowing(inputs: InputReader): Showing {
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

function readWaitForStack(inputs: InputReader): WaitForStack {
  const given = inputs.text('wait-for-stack');
  const seconds = given === undefined ? undefined : parseDuration(given);
  return seconds ?? inputs.flag('wait-for-stack', true);
}

/**
 * Identifies this step, also when it is repeated within one attempt. All jobs of a matrix have the same
 * `GITHUB_ACTION` and `GITHUB_JOB`: `job-key` distinguishes them.
 */
function stepKeyOf(inputs: InputReader, environment: Environment): readonly string[] {
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } = environment;
  const parts = [GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION];
  return [...parts.map((part) => part ?? ''), inputs.text('job-key') ?? ''];
}
