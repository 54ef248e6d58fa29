import { type Conclusion, conclusions, type WorkflowRequest } from './berth-api.ts';
import { createInputReader, type InputReader, parseDuration } from './input-reader.ts';
import { parseEnv } from './parse-env.ts';
import { type TestedCode, testedCode, type WorkflowFacts } from './tested-code.ts';

export const operations = [
  'run',
  'request-stack',
  'release-stack',
  'set-last-deployed-commit',
  'status',
  'cancel',
] as const;

/** What a step is told: its inputs, checked, with what they leave open filled in. Read once. */
export type Settings = Connection & Operation;

export interface Connection {
  /** Without a slash at its end. */
  readonly apiUrl: string;
  /** Absent: the step proves itself by OIDC. */
  readonly apiKey?: string;
  readonly oidcAudience: string;
  readonly project?: string;
}

export type Operation =
  | RunSettings
  | RequestStackSettings
  | ({ readonly operation: 'release-stack' } & StackChoice)
  | ({ readonly operation: 'set-last-deployed-commit'; readonly commit: string } & StackChoice)
  | StatusSettings
  | { readonly operation: 'cancel'; readonly workflowId: string; readonly wait: boolean };

export interface RunSettings extends Showing {
  readonly operation: 'run';
  readonly request: WorkflowRequest;
  readonly wait: boolean;
  readonly waitForStack: WaitForStack;
  /** The parts of the idempotency key that tell this step from all others. */
  readonly stepKey: readonly string[];
}

export interface StatusSettings extends Showing {
  readonly operation: 'status';
  readonly workflowId: string;
  readonly wait: boolean;
}

export interface RequestStackSettings {
  readonly operation: 'request-stack';
  readonly branch: string;
  /** Absent: a name of the step's own. */
  readonly holder?: string;
  readonly waitForStack: WaitForStack;
  readonly leaseSeconds?: number;
  readonly releaseAtEnd: boolean;
}

export interface StackChoice {
  readonly stackName: string;
  readonly lockToken?: number;
}

/** How a run is shown, and what its end means to the step. */
export interface Showing {
  readonly failOn: ReadonlySet<Conclusion>;
  readonly logs: 'stream' | 'on-failure' | 'none';
  readonly annotations: number;
  readonly summary: boolean;
}

/** Whether to wait for a stack, or for how many seconds at most. */
export type WaitForStack = boolean | number;

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variables by which a step that has requested a stack tells those that follow. */
export const stackVariables = {
  name: 'BERTH_STACK',
  holder: 'BERTH_STACK_HOLDER',
  token: 'BERTH_STACK_LOCK_TOKEN',
} as const;

/**
 * @param getInput the raw text of an input.
 * @throws Error with every mistake at once.
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

/** What the post step needs: where Berth is, and who asks. @throws Error with every mistake at once. */
export function readConnection(getInput: (name: string) => string, environment: Environment): Connection {
  const inputs = createInputReader(getInput);
  const connection = connectionOf(inputs, environment);
  inputs.finish();
  return connection;
}

function connectionOf(inputs: InputReader, environment: Environment): Connection {
  const given = inputs.text('api-url') ?? environment.BERTH_API_URL?.trim() ?? '';
  const url = URL.canParse(given) ? new URL(given) : undefined;
  if (given === '') inputs.mistake('api-url', 'is needed: where your Berth answers.');
  else if (
    url === undefined ||
    !/^https?:$/.test(url.protocol) ||
    url.username !== '' ||
    url.password !== ''
  ) {
    inputs.mistake('api-url', 'has to be an address such as https://berth.example.com, without credentials.');
  }
  const apiKey = inputs.text('api-key') ?? (environment.BERTH_API_KEY?.trim() || undefined);
  const project = inputs.text('project');
  return {
    apiUrl: url === undefined ? '' : `${url.origin}${url.pathname.replace(/\/+$/, '')}`,
    ...(apiKey === undefined ? {} : { apiKey }),
    oidcAudience: inputs.text('oidc-audience') ?? url?.origin ?? '',
    ...(project === undefined ? {} : { project }),
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
      if (commit === undefined) inputs.mistake('last-deployed-commit', 'is needed: what was deployed.');
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
  refuseStranger(inputs, code);
  return {
    operation: 'run',
    request: {
      repo_url: code.url,
      branch: code.branch,
      test_command: inputs.required('command', 'the shell command that runs the tests'),
      suite: inputs.text('suite') ?? 'default',
      ...present({
        sha: code.sha,
        setup: inputs.text('setup'),
        teardown: inputs.text('teardown'),
        timeout_seconds: inputs.duration('timeout'),
        cpu: inputs.number('cpu', { from: 0.25, to: 16, isWhole: false }),
        memory: inputs.memory('memory'),
        image: inputs.text('image'),
        retries: inputs.number('retries', { from: 0, to: 5, isWhole: true }),
      }),
      ...readRunStack(inputs, environment),
      env: parseEnv(inputs.text('env') ?? '', environment, inputs.mistake),
      junit: inputs.lines('junit'),
      artifacts: inputs.lines('artifacts'),
    },
    wait: inputs.flag('wait', true),
    waitForStack: readWaitForStack(inputs),
    stepKey: stepKeyOf(inputs, environment),
    ...readShowing(inputs),
  };
}

/** A workflow that has secrets must not run a stranger's code with them by itself: the trap of pull_request_target. */
function refuseStranger(inputs: InputReader, code: TestedCode): void {
  if (!code.isFork || inputs.flag('allow-forks', false)) return;
  inputs.mistake(
    'allow-forks',
    "has to be true for the head of a pull request from a fork: it is a stranger's code, and would run with this workflow's rights.",
  );
}

/** The stack of an earlier step, unless the inputs want another: then its holder is ours too. */
function readRunStack(
  inputs: InputReader,
  environment: Environment,
): Pick<WorkflowRequest, 'stack' | 'holder'> {
  const requested = environment[stackVariables.name] || undefined;
  const stack = inputs.text('stack') ?? requested;
  const holder =
    inputs.text('holder') ??
    (stack === requested ? environment[stackVariables.holder] || undefined : undefined);
  if (stack === undefined) return present({ holder });
  const wish = /^(true|false)$/i.test(stack) ? stack.toLowerCase() === 'true' : stack;
  return wish === false ? { stack: false } : { stack: wish, ...present({ holder }) };
}

function readRequestStack(inputs: InputReader, facts: WorkflowFacts): RequestStackSettings {
  return {
    operation: 'request-stack',
    branch: testedCode(inputs, facts).branch,
    waitForStack: readWaitForStack(inputs),
    releaseAtEnd: inputs.flag('release-at-end', false),
    ...present({ holder: inputs.text('holder'), leaseSeconds: inputs.duration('lease') }),
  };
}

function readStackChoice(inputs: InputReader, environment: Environment): StackChoice {
  const requested = environment[stackVariables.name] || undefined;
  const stackName = inputs.text('stack') ?? requested;
  if (stackName === undefined) inputs.mistake('stack', 'is needed: the name of the stack.');
  const given = inputs.number('lock-token', { from: 1, to: Number.MAX_SAFE_INTEGER, isWhole: true });
  const known = stackName === requested ? environment[stackVariables.token] : undefined;
  return { stackName: stackName ?? '', ...present({ lockToken: given ?? (Number(known) || undefined) }) };
}

function readWorkflow(inputs: InputReader): { workflowId: string; wait: boolean } {
  return {
    workflowId: inputs.required('workflow-id', 'the run that is meant'),
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
        `has ${JSON.stringify(word)} in it, and can have ${known.join(', ')}, or none.`,
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
 * What tells this step from all others, and stays the same when the step is repeated within one attempt. The step's
 * name in `GITHUB_ACTION` is the same in all jobs of a matrix, and so is the job's: `job-key` tells those apart.
 */
function stepKeyOf(inputs: InputReader, environment: Environment): readonly string[] {
  const { GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION } = environment;
  const parts = [GITHUB_REPOSITORY, GITHUB_RUN_ID, GITHUB_RUN_ATTEMPT, GITHUB_JOB, GITHUB_ACTION];
  return [...parts.map((part) => part ?? ''), inputs.text('job-key') ?? ''];
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

/** Without the fields that were left open. */
function present<Fields extends object>(fields: Fields): Present<Fields> {
  // What is left has no undefined value, which is what the type says.
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Present<Fields>;
}
