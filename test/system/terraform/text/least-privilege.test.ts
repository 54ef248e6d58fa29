import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { modules } from '../../../../scripts/terraform/folders.ts';
import { expressionsIn, literalsIn, type Module, readModule } from '../../../../scripts/terraform/hcl.ts';
import { callsIn, sourcesOf } from './calls.ts';
import { actionsOfCalls, actionsOfLambda, actionsWithoutResources } from './iam-actions.ts';
import { ownStatements, type Statement, statementsIn, statementsOf } from './policy-documents.ts';

const functions = { http: 'app', queue: 'app', schedule: 'app', invoke: 'batch' } as const;
type FunctionName = keyof typeof functions;

/** Calls in the bundle of a function that it never makes. */
const neverMade: Readonly<
  Record<string, { readonly except: readonly FunctionName[]; readonly because: RegExp }>
> = {
  // Only the API reads logs, for people.
  'cloudwatch-logs:GetLogEvents': { except: ['http'], because: /\blogs\.read\(/ },
  // The embedded mode creates its table. On AWS, Terraform does.
  'dynamodb:CreateTable': { except: [], because: /\.prepare\(\)/ },
  'dynamodb:DescribeTable': { except: [], because: /\.prepare\(\)/ },
  // Only the function of the schedule reads the quota of the account, for all.
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

  it('has the permissions that its code needs, and no other', async () => {
    const calls = sources.flatMap(callsIn).filter((call) => {
      const exception = neverMade[call];
      return exception === undefined || exception.except.some((each) => each === name);
    });
    const unknown = calls.filter((call) => actionsOfCalls[call] === undefined);
    expect(unknown).toEqual([]);
    const needed = new Set(calls.flatMap((call) => actionsOfCalls[call] ?? []));
    for (const action of actionsOfLambda.ofEnvironment) needed.add(action);
    if (name === 'queue') for (const action of actionsOfLambda.ofQueue) needed.add(action);
    expect(granted(await statementsIn(module, module.modules.get(name)?.policy))).toEqual([...needed].sort());
  });

  it('has the handler of its name', () => {
    expect(module.modules.get(name)?.handler).toBe(`${name}.handler`);
  });
});

it('knows where the excluded calls are made', () => {
  const bundled = [...new Set(Object.keys(functions).flatMap(sourcesOf))].filter((path) =>
    path.startsWith('app/'),
  );
  const asking = (pattern: RegExp): string[] =>
    bundled.filter((path) => pattern.test(readFileSync(path, 'utf8')));
  expect(asking(/\.prepare\(\)/)).toEqual([]);
  expect(asking(/\blogs\.read\(/).filter((path) => !path.startsWith('app/http/'))).toEqual([]);
  expect(asking(/\bmaintenance\(\)/)).toEqual(['app/lambda/schedule.ts']);
});

it('gives every function the permissions for its log, its traces and its network', async () => {
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

  it('names the resources of each action that supports them', () => {
    const everything = statements.filter(
      ({ allows, ofResource, resources }) => allows && !ofResource && resources.includes('*'),
    );
    const nameable = granted(everything).filter((action) => !actionsWithoutResources.has(action));
    expect(nameable).toEqual([]);
  });

  it('has no wildcard in an action', () => {
    const starred = statements.filter(({ ofResource }) => !ofResource);
    expect(granted(starred).filter((action) => action.includes('*'))).toEqual([]);
  });

  it('passes only named roles, and only to tasks and jobs', () => {
    for (const { resources, conditions } of statements.filter(({ actions }) =>
      actions.includes('iam:PassRole'),
    )) {
      expect(resources.filter((resource) => resource.includes('*'))).toEqual([]);
      const services = conditions.flatMap(({ variable, values }) =>
        variable === 'iam:PassedToService' ? values : [],
      );
      expect(services).toEqual([expect.stringMatching(/^(batch|ecs-tasks)\.amazonaws\.com$/)]);
    }
  });

  it('defines each policy as a document, which these tests read', async () => {
    const { resources } = await readModule(folder);
    const policies = [...resources].filter(([address]) => /^aws_iam_(role_)?policy\./.test(address));
    const inline = policies.filter(
      ([, { policy }]) => !/^\$\{(data\.aws_iam_policy_document\.|var\.policy\})/.test(String(policy)),
    );
    expect(inline.map(([address]) => address)).toEqual([]);
  });
});

describe('the policy of the S3 endpoint', () => {
  it('allows every call to objects that the functions and tasks may make, or the answers differ in a closed network', async () => {
    const app = await readModule('terraform/modules/app');
    const documents = await Promise.all(
      ['http', 'queue', 'schedule'].map((name) => statementsIn(app, app.modules.get(name)?.policy)),
    );
    const ofRoles = granted(documents.flat()).filter((action) => action.startsWith('s3:'));
    const network = await readModule('terraform/modules/network');
    const ofEndpoint = granted(await statementsOf(network, 'aws_iam_policy_document.s3_endpoint'));
    expect(ofEndpoint).toEqual(ofRoles);
  });

  it('allows objects and the bucket itself, as the roles do', async () => {
    const network = await readModule('terraform/modules/network');
    const statements = await statementsOf(network, 'aws_iam_policy_document.s3_endpoint');
    const resourcesOf = (action: string): readonly string[] =>
      statements.filter(({ actions }) => actions.includes(action)).flatMap(({ resources }) => resources);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
    expect(resourcesOf('s3:ListBucket')).toEqual(['${var.s3_endpoint_bucket_arns}']);
    // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of Terraform
    expect(resourcesOf('s3:PutObject')).toEqual(['${formatlist("%s/*", var.s3_endpoint_bucket_arns)}']);
  });
});

describe('the interface endpoints of a closed network', () => {
  /** Services that the functions reach in another way, or do without. */
  const withoutEndpoint = new Map([
    ['dynamodb', 'a gateway endpoint'],
    ['s3', 'a gateway endpoint'],
    ['servicequotas', 'decision 25: max_vcpus limits tasks'],
  ]);

  it('lead to every service that the functions call, and to no other: KMS is called by services', async () => {
    const calls = ['http', 'queue', 'schedule'].flatMap(sourcesOf).flatMap(callsIn);
    // The first action is that of the call itself.
    const services = new Set(calls.flatMap((call) => actionsOfCalls[call]?.[0]?.split(':')[0] ?? []));
    const network = await readModule('terraform/modules/network');
    const endpoints = (
      await Promise.all(expressionsIn(network.locals.get('endpoints_of_functions')).map(literalsIn))
    )
      .flat()
      .filter((text) => text.trim() !== '');
    expect(endpoints.sort()).toEqual([...services].filter((name) => !withoutEndpoint.has(name)).sort());
  });
});
