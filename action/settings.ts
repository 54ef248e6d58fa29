import { isHeaderText } from '../app/lib/is-header-text.ts';
import { omitUndefined } from '../app/lib/omit-undefined.ts';
import { createInputReader, type InputReader } from './input-reader.ts';
import { readRun, readShowing, readWaitForStack } from './run-settings.ts';
import {
  type Connection,
  type Environment,
  type Operation,
  type RequestStackSettings,
  type Settings,
  type StackChoice,
  stackVariables,
} from './settings-types.ts';
import { testedCode, type WorkflowFacts } from './tested-code.ts';

export const operations = [
  'run',
  'request-stack',
  'release-stack',
  'set-last-deployed-commit',
  'status',
  'cancel',
] as const;

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
  const unused = inputsOf(environment).filter((name) => !inputs.hasRead(name) && !defaulted.has(name));
  return { ...connection, ...operation, unused };
}

/** Inputs that have a value without a person who set it. A test compares them with action.yml. */
export const defaulted: ReadonlySet<string> = new Set([
  'operation',
  'suite',
  'allow-forks',
  'wait-for-stack',
  'release-at-end',
  'fail-on',
  'logs',
  'annotations',
  'summary',
  'job-key',
]);

/** The inputs of this step that have a value, as the runner passes them. */
function inputsOf(environment: Environment): readonly string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    name.startsWith('INPUT_') && value?.trim() ? [name.slice('INPUT_'.length).toLowerCase()] : [],
  );
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
  if (!isHeaderText(apiKey ?? ''))
    inputs.mistake(
      'api-key',
      'contains characters that no API key has, such as line breaks or typographic quotes.',
    );
  if (!isHeaderText(project ?? ''))
    inputs.mistake('project', 'contains characters that cannot be sent in a header: use the project ID.');
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
    workflowId: inputs.required('workflow-id', 'the ID of the run'),
    wait: inputs.flag('wait', false),
  };
}
