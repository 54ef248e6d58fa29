import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { modules } from '../../../../scripts/terraform/folders.ts';
import { type Module, readModule } from '../../../../scripts/terraform/hcl.ts';
import { callsIn, sourcesOf } from './calls.ts';
import {
  actionsOfCalls,
  actionsOfLambda,
  actionsWithoutResources,
  statementsWithoutResources,
} from './iam-actions.ts';
import { documentsIn, ownStatements, type Statement, statementsOf } from './policy-documents.ts';

const functions = { http: 'app', queue: 'app', schedule: 'app', invoke: 'batch' } as const;
type FunctionName = keyof typeof functions;

/** Calls that are in a function's bundle, and that it never makes. */
const neverMade: Readonly<
  Record<string, { readonly except: readonly FunctionName[]; readonly because: RegExp }>
> = {
  // Logs are read for people, by the API alone.
  'cloudwatch-logs:GetLogEvents': { except: ['http'], because: /\blogs\.read\(/ },
  // The embedded mode makes its table itself; on AWS it is Terraform's.
  'dynamodb:CreateTable': { except: [], because: /\.prepare\(\)/ },
  'dynamodb:DescribeTable': { except: [], because: /\.prepare\(\)/ },
  // The maintenance reads the account's quota for all, and the schedule's function alone does it.
  'service-quotas:GetAWSDefaultServiceQuota': { except: ['schedule'], because: /\bmaintenance\(\)/ },
  'service-quotas:GetServiceQuota': { except: ['schedule'], because: /\bmaintenance\(\)/ },
};

const granted = (statements: readonly Statement[]): string[] =>
  [...new Set(statements.filter(({ allows }) => allows).flatMap(({ actions }) => actions))].sort();

describe.each(Object.entries(functions))('the function %s', (name, folder) => {
  let sources: string[];
  let module: Module;
  beforeAll(async () => {
    sources = sourcesOf(name);
    module = await readModule(`terraform/modules/${folder}`);
  });

  it('may do what its code does, and nothing else', async () => {
    const [document = ''] = await documentsIn(module, module.modules.get(name)?.policy);
    const calls = sources.flatMap(callsIn).filter((call) => {
      const exception = neverMade[call];
      return exception === undefined || exception.except.some((each) => each === name);
    });
    const unknown = calls.filter((call) => actionsOfCalls[call] === undefined);
    expect(unknown).toEqual([]);
    const needed = new Set(calls.flatMap((call) => actionsOfCalls[call] ?? []));
    for (const action of actionsOfLambda.ofEnvironment) needed.add(action);
    if (name === 'queue') for (const action of actionsOfLambda.ofQueue) needed.add(action);
    expect(granted(await statementsOf(module, document))).toEqual([...needed].sort());
  });

  it('holds the code of its name', () => {
    expect(module.modules.get(name)?.handler).toBe(`${name}.handler`);
  });
});

it('takes as never made what nothing in the bundles of the functions asks for', () => {
  const bundled = [...new Set(Object.keys(functions).flatMap(sourcesOf))].filter((path) =>
    path.startsWith('app/'),
  );
  const asking = (pattern: RegExp): string[] =>
    bundled.filter((path) => pattern.test(readFileSync(path, 'utf8')));
  expect(asking(/\.prepare\(\)/)).toEqual([]);
  expect(asking(/\blogs\.read\(/).filter((path) => !path.startsWith('app/http/'))).toEqual([]);
  expect(asking(/\bmaintenance\(\)/)).toEqual(['app/lambda/schedule.ts']);
});

it('gives every function the same beside its work: its log, its traces, its place in a network', async () => {
  const statements = await statementsOf(
    await readModule('terraform/modules/function'),
    'aws_iam_policy_document.runtime',
  );
  expect(granted(statements)).toEqual([...actionsOfLambda.ofAll]);
});

describe.each(modules)('%s', (folder) => {
  let statements: Statement[];
  beforeAll(async () => {
    const { data } = await readModule(folder);
    const documents = [...data].filter(([address]) => address.startsWith('aws_iam_policy_document.'));
    statements = (await Promise.all(documents.map(([, body]) => ownStatements(body)))).flat();
  });

  it('names the resources of all that it allows, where AWS knows any', () => {
    const everything = statements.filter(
      ({ sid, allows, ofResource, resources }) =>
        allows &&
        !ofResource &&
        resources.includes('*') &&
        !statementsWithoutResources.has(`${folder} ${sid}`),
    );
    const nameable = granted(everything).filter((action) => !actionsWithoutResources.has(action));
    expect(nameable).toEqual([]);
  });

  it('allows actions by their names', () => {
    const starred = statements.filter(({ ofResource }) => !ofResource);
    expect(granted(starred).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('hands on roles to tasks alone, and names them', () => {
    for (const { resources, conditions } of statements.filter(({ actions }) =>
      actions.includes('iam:PassRole'),
    )) {
      expect(resources.filter((resource) => resource.includes('*'))).toEqual([]);
      expect(conditions).toEqual([{ variable: 'iam:PassedToService', values: ['ecs-tasks.amazonaws.com'] }]);
    }
  });

  it('writes policies as documents, where they can be judged', async () => {
    const { resources } = await readModule(folder);
    const policies = [...resources].filter(([address]) => /^aws_iam_(role_)?policy\./.test(address));
    const inline = policies.filter(
      ([, { policy }]) => !/^\$\{(data\.aws_iam_policy_document\.|var\.policy\})/.test(String(policy)),
    );
    expect(inline.map(([address]) => address)).toEqual([]);
  });
});
