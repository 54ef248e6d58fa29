import { z } from 'zod';
import type { IamRequest } from './policy-simulator.ts';
import type { RecordedCall } from './recorded-calls.ts';

const [region, account] = ['us-east-1', '123456789012'];
const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;

const bodySchema = z.looseObject({
  TableName: z.string().optional(),
  IndexName: z.string().optional(),
  RequestItems: z.record(z.string(), z.unknown()).optional(),
  QueueUrl: z.string().optional(),
  SecretId: z.string().optional(),
  Names: z.array(z.string()).optional(),
  Entries: z.array(z.looseObject({ Source: z.string(), EventBusName: z.string().optional() })).optional(),
  logGroupName: z.string().optional(),
  logStreamName: z.string().optional(),
  cluster: z.string().optional(),
  task: z.string().optional(),
  tasks: z.array(z.string()).optional(),
  taskDefinition: z.string().optional(),
  family: z.string().optional(),
  taskRoleArn: z.string().optional(),
  executionRoleArn: z.string().optional(),
  tags: z.array(z.unknown()).optional(),
  overrides: z
    .looseObject({ taskRoleArn: z.string().optional(), executionRoleArn: z.string().optional() })
    .optional(),
});
type Body = z.output<typeof bodySchema>;

/**
 * Returns what IAM decides about for a call, from the service authorization reference.
 *
 * @param taskRoles the roles in the task definition, which RunTask passes.
 * @throws Error for a call that it does not know: add it.
 */
export function iamRequestsOf(call: RecordedCall, taskRoles: readonly string[]): readonly IamRequest[] {
  return [...requestsOf(call, taskRoles), ...signedIn(call)];
}

/** The requests that tasks send with the URLs in the body: S3 evaluates them with the role of the function that signed them. */
function signedIn({ body }: RecordedCall): readonly IamRequest[] {
  const urls = body.match(/https?:[^"\s\\]+X-Amz-Signature=[^"\s\\]+/g) ?? [];
  return urls.flatMap((text) => {
    const { pathname, searchParams } = new URL(text);
    const method = searchParams.get('x-id') === 'PutObject' ? 'PUT' : 'GET';
    return requestsOfS3(method, pathname);
  });
}

function requestsOf(call: RecordedCall, taskRoles: readonly string[]): readonly IamRequest[] {
  const target = call.headers['x-amz-target'];
  if (typeof target !== 'string') return requestsOfRest(call);
  const operation = target.slice(target.lastIndexOf('.') + 1);
  const body = bodySchema.parse(JSON.parse(call.body));
  const of = (service: string, resource: string, context: IamRequest['context'] = {}): IamRequest => ({
    action: `${service}:${operation}`,
    resource,
    context,
  });
  switch (target.slice(0, target.lastIndexOf('.'))) {
    case 'DynamoDB_20120810':
      return tablesOf(body).map((resource) => of('dynamodb', resource));
    case 'AmazonSQS':
      return [of('sqs', arn('sqs', body.QueueUrl?.split('/').at(-1) ?? ''))];
    case 'secretsmanager':
      // Secrets Manager adds six characters to the name.
      return [of('secretsmanager', arn('secretsmanager', `secret:${body.SecretId}-a1B2c3`))];
    case 'AmazonSSM':
      return (body.Names ?? []).map((name) => of('ssm', arn('ssm', `parameter/${name.replace(/^\//, '')}`)));
    case 'AWSEvents':
      return (body.Entries ?? []).map(({ Source, EventBusName = 'default' }) =>
        of('events', arn('events', `event-bus/${EventBusName}`), { 'events:source': Source }),
      );
    case 'Logs_20140328':
      return [of('logs', arn('logs', `log-group:${body.logGroupName}:log-stream:${body.logStreamName}`))];
    case 'ServiceQuotasV20190624':
      return [of('servicequotas', '*')];
    case 'AmazonEC2ContainerServiceV20141113':
      return ecsRequests(operation, body, taskRoles);
    default:
      throw new Error(`which permissions does ${target} need?`);
  }
}

function tablesOf({ TableName, IndexName, RequestItems = {} }: Body): readonly string[] {
  const names = TableName === undefined ? Object.keys(RequestItems) : [TableName];
  const index = IndexName === undefined ? '' : `/index/${IndexName}`;
  return names.map((name) => arn('dynamodb', `table/${name}${index}`));
}

function ecsRequests(operation: string, body: Body, taskRoles: readonly string[]): readonly IamRequest[] {
  const name = (body.cluster ?? '').split('/').at(-1);
  const context = { 'ecs:cluster': arn('ecs', `cluster/${name}`) };
  const action = `ecs:${operation}`;
  const newTask = arn('ecs', `task/${name}/0123456789abcdef`);
  switch (operation) {
    case 'RunTask': {
      const { taskDefinition = '', overrides = {}, tags = [] } = body;
      const resource = taskDefinition.startsWith('arn:')
        ? taskDefinition
        : arn(
            'ecs',
            `task-definition/${taskDefinition.includes(':') ? taskDefinition : `${taskDefinition}:1`}`,
          );
      const roles = [...taskRoles, overrides.taskRoleArn, overrides.executionRoleArn];
      const passed = [...new Set(roles.flatMap((role) => (role === undefined ? [] : [role])))];
      return [
        { action, resource, context },
        ...passed.map(passing),
        ...(tags.length === 0
          ? []
          : [{ action: 'ecs:TagResource', resource: newTask, context: { 'ecs:CreateAction': 'RunTask' } }]),
      ];
    }
    case 'DescribeTasks':
    case 'StopTask':
      return (body.tasks ?? [body.task ?? '']).map((resource) => ({ action, resource, context }));
    case 'ListTasks':
      return [{ action, resource: '*', context }];
    case 'RegisterTaskDefinition': {
      const resource = arn('ecs', `task-definition/${body.family}:1`);
      const roles = [body.taskRoleArn, body.executionRoleArn].flatMap((role) =>
        role === undefined ? [] : [role],
      );
      return [
        { action, resource, context: {} },
        { action: 'ecs:TagResource', resource, context: { 'ecs:CreateAction': operation } },
        ...roles.map(passing),
      ];
    }
    case 'DescribeTaskDefinition':
      return [{ action, resource: '*', context: {} }];
    default:
      throw new Error(`which permissions does ${action} need?`);
  }
}

function passing(role: string): IamRequest {
  const context = { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' };
  return { action: 'iam:PassRole', resource: role, context };
}

const batchActions: Readonly<Record<string, string>> = {
  '/v1/listjobs': 'ListJobs',
  '/v1/describejobs': 'DescribeJobs',
};

/** S3, EC2 and Batch have other protocols than the rest. */
function requestsOfRest({ method, path, body }: RecordedCall): readonly IamRequest[] {
  const action = /(?:^|&)Action=(\w+)/.exec(body)?.[1];
  if (action !== undefined) return [{ action: `ec2:${action}`, resource: '*', context: {} }];
  const job = batchActions[path];
  if (job !== undefined) return [{ action: `batch:${job}`, resource: '*', context: {} }];
  return requestsOfS3(method, path);
}

function requestsOfS3(method: string, path: string): readonly IamRequest[] {
  const [, bucket = '', ...key] = path.split('?')[0]?.split('/') ?? [];
  const resource = `arn:aws:s3:::${bucket}/${key.map(decodeURIComponent).join('/')}`;
  const actions: Readonly<Record<string, string>> = {
    GET: 'GetObject',
    PUT: 'PutObject',
    DELETE: 'DeleteObject',
  };
  const name = actions[method];
  if (name === undefined || key.length === 0)
    throw new Error(`which permissions does ${method} ${path} need?`);
  const request = { action: `s3:${name}`, resource, context: {} };
  // Without it, a missing object is 403.
  const list = { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket}`, context: {} };
  return name === 'GetObject' ? [request, list] : [request];
}
